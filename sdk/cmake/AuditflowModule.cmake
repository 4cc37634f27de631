include(AuditflowThirdParty)

# auditflow_module(<name> [DEPENDS <module>...] [PRIVATE_DEPENDS <module>...] [LIBRARIES <target>...] [SERVER_TESTS])
#
# One library target per folder: auditflow_<name>, exported as auditflow::<name>.
#   sdk/include/auditflow/<name>/*.hpp   public headers
#   sdk/src/<name>/*.cpp                 sources; private headers beside them
# DEPENDS are modules that the public headers mention, PRIVATE_DEPENDS those that only the sources use.
# LIBRARIES are third-party targets; they stay out of public headers and reach a consumer only at link time.
# With SERVER_TESTS the tests in suites named *Server* share one real server: they run as one ctest test.
function(auditflow_module name)
  cmake_parse_arguments(ARG "SERVER_TESTS" "" "DEPENDS;PRIVATE_DEPENDS;LIBRARIES;PUBLIC_LIBRARIES" ${ARGN})
  set(target auditflow_${name})
  auditflow_require(${ARG_PUBLIC_LIBRARIES} ${ARG_LIBRARIES})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/${name}/*.cpp")
  add_library(${target} ${sources})
  add_library(auditflow::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${name}
    POSITION_INDEPENDENT_CODE ON
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target}
    PUBLIC "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>"
           "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  set(depends ${ARG_DEPENDS} ${ARG_PRIVATE_DEPENDS})
  list(TRANSFORM ARG_DEPENDS PREPEND auditflow::)
  list(TRANSFORM ARG_PRIVATE_DEPENDS PREPEND auditflow::)
  target_link_libraries(${target}
    PUBLIC ${ARG_DEPENDS} ${ARG_PUBLIC_LIBRARIES}
    PRIVATE ${ARG_PRIVATE_DEPENDS} ${ARG_LIBRARIES} $<BUILD_INTERFACE:auditflow_compiler>)
  set_property(GLOBAL APPEND PROPERTY AUDITFLOW_MODULES ${name})
  set_property(GLOBAL PROPERTY AUDITFLOW_${name}_DEPENDS ${depends})
  set_property(GLOBAL PROPERTY AUDITFLOW_${name}_THIRD_PARTY ${ARG_PUBLIC_LIBRARIES} ${ARG_LIBRARIES})
  if(AUDITFLOW_INSTALL)
    auditflow_install_module(${name})
  endif()
  if(AUDITFLOW_BUILD_TESTS)
    auditflow_module_tests(${name} "${ARG_SERVER_TESTS}")
  endif()
endfunction()

# One GoogleTest program per module from sdk/tests/<name>/*_test.cpp; tests may include private headers as "src/<name>/…".
function(auditflow_module_tests name server_tests)
  file(GLOB tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/tests/${name}/*.cpp")
  if(NOT tests)
    return()
  endif()
  set(target auditflow_${name}_test)
  add_executable(${target} ${tests})
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_compile_definitions(${target} PRIVATE
    AUDITFLOW_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/tests/${name}/data"
    AUDITFLOW_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE
    auditflow::${name} GTest::gmock_main GTest::gtest $<BUILD_INTERFACE:auditflow_compiler>)
  auditflow_share_test_pch(${target})
  set(filter "")
  if(server_tests)
    set(filter TEST_FILTER "-*Server*")
    add_test(NAME ${name}/server COMMAND ${target} --gtest_filter=*Server*)
    set_tests_properties(${name}/server PROPERTIES LABELS integration TIMEOUT 600
      SKIP_REGULAR_EXPRESSION "programs are missing")
  endif()
  gtest_discover_tests(${target} TEST_PREFIX "${name}/" DISCOVERY_MODE PRE_TEST ${filter}
    PROPERTIES LABELS unit TIMEOUT 120)
endfunction()

# GoogleTest is most of what a test compiles: precompiled once for all test programs.
function(auditflow_share_test_pch target)
  if(NOT TARGET auditflow_test_pch)
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/test_pch.cpp" CONTENT "")
    add_library(auditflow_test_pch OBJECT "${PROJECT_BINARY_DIR}/test_pch.cpp")
    target_link_libraries(auditflow_test_pch PRIVATE GTest::gmock GTest::gtest auditflow_compiler)
    target_precompile_headers(auditflow_test_pch PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
  endif()
  target_precompile_headers(${target} REUSE_FROM auditflow_test_pch)
endfunction()
