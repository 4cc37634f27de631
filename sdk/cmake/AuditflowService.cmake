# auditflow_service(<name> [SOURCES <file>...] [LIBRARIES <target>...] [OPENAPI <file>])
#
# One program per folder of reference-services/, named like the folder and installed to bin/:
#   main.cpp          the program: information about it, and a call of auditflow::service::Main
#   *.cpp             its parts, or those that SOURCES names; tests link them, too
#   openapi.json      its OpenAPI document, in "embedded/openapi.hpp" as auditflow::kOpenApi
#   tests/*_test.cpp  its tests: GoogleTest, program auditflow_<name>_test with '-' as '_'
# docs/reference/settings/<name>.md has to be what it prints of its settings.
# AUDITFLOW_VERSION is defined for all of them.
function(auditflow_service name)
  cmake_parse_arguments(ARG "" "OPENAPI" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT ARG_OPENAPI)
    set(ARG_OPENAPI openapi.json)
  endif()
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
    list(REMOVE_ITEM ARG_SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/main.cpp")
  endif()
  set(parts ${name}-parts)
  add_library(${parts} STATIC ${ARG_SOURCES})
  # As "<name>/file.hpp" and, from common/, as "common/file.hpp".
  target_include_directories(${parts} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}/..")
  target_compile_definitions(${parts} PUBLIC AUDITFLOW_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${parts}
    PUBLIC auditflow::service ${ARG_LIBRARIES}
    PRIVATE auditflow_compiler)
  auditflow_embed_text(${parts} "${ARG_OPENAPI}" openapi.hpp kOpenApi)

  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE ${parts} auditflow_compiler)
  get_target_property(embedded ${parts} AUDITFLOW_EMBEDDED)
  target_include_directories(${name} PRIVATE "${embedded}")
  if(AUDITFLOW_INSTALL)
    install(TARGETS ${name} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()
  if(AUDITFLOW_BUILD_TESTS)
    auditflow_service_tests(${name} ${parts} "${embedded}")
  endif()
endfunction()

function(auditflow_service_tests name parts embedded)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME ${name}/settings_reference
    COMMAND Python3::Interpreter -B "${PROJECT_SOURCE_DIR}/reference-services/common/settings_reference.py"
      $<TARGET_FILE:${name}> "${PROJECT_SOURCE_DIR}/docs/reference/settings/${name}.md")
  set_tests_properties(${name}/settings_reference PROPERTIES LABELS unit TIMEOUT 120)
  file(GLOB tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/tests/*.cpp")
  if(NOT tests)
    return()
  endif()
  string(REPLACE "-" "_" target "auditflow_${name}_test")
  add_executable(${target} ${tests})
  target_include_directories(${target} PRIVATE "${embedded}")
  target_compile_definitions(${target} PRIVATE AUDITFLOW_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE
    ${parts} GTest::gmock GTest::gtest GTest::gmock_main auditflow_compiler)
  auditflow_share_test_pch(${target})
  gtest_discover_tests(${target} TEST_PREFIX "${name}/" DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS unit TIMEOUT 120)
endfunction()
