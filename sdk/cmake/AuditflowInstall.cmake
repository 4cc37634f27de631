# Installation: headers, one static or shared library and one export file per module, the package files, the
# rules and the command.

set(AUDITFLOW_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/auditflow")
set(AUDITFLOW_DATA_DIR "${CMAKE_INSTALL_DATADIR}/auditflow")

function(auditflow_install_module name)
  install(TARGETS auditflow_${name} EXPORT auditflow-${name}
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  if(IS_DIRECTORY "${AUDITFLOW_SDK_DIR}/include/auditflow/${name}")
    install(DIRECTORY "${AUDITFLOW_SDK_DIR}/include/auditflow/${name}"
      DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/auditflow" FILES_MATCHING PATTERN "*.hpp")
  endif()
  install(EXPORT auditflow-${name} NAMESPACE auditflow::
    DESTINATION "${AUDITFLOW_CMAKE_DIR}" FILE auditflow-${name}-targets.cmake)
endfunction()

# After all modules: what find_package(auditflow) reads.
function(auditflow_install_package)
  include(CMakePackageConfigHelpers)
  get_property(modules GLOBAL PROPERTY AUDITFLOW_MODULES)
  list(JOIN modules " " AUDITFLOW_COMPONENTS)
  set(AUDITFLOW_COMPONENT_TABLE "")
  foreach(name IN LISTS modules)
    foreach(kind IN ITEMS DEPENDS THIRD_PARTY)
      get_property(values GLOBAL PROPERTY AUDITFLOW_${name}_${kind})
      list(JOIN values " " values)
      string(TOLOWER ${kind} suffix)
      string(APPEND AUDITFLOW_COMPONENT_TABLE "set(_auditflow_${name}_${suffix} ${values})\n")
    endforeach()
  endforeach()
  configure_package_config_file("${AUDITFLOW_SDK_DIR}/cmake/auditflowConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/auditflowConfig.cmake"
    INSTALL_DESTINATION "${AUDITFLOW_CMAKE_DIR}"
    PATH_VARS AUDITFLOW_DATA_DIR CMAKE_INSTALL_INCLUDEDIR
    NO_CHECK_REQUIRED_COMPONENTS_MACRO)
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/auditflowConfigVersion.cmake"
    VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
  install(FILES
    "${PROJECT_BINARY_DIR}/auditflowConfig.cmake"
    "${PROJECT_BINARY_DIR}/auditflowConfigVersion.cmake"
    "${AUDITFLOW_SDK_DIR}/cmake/AuditflowThirdParty.cmake"
    DESTINATION "${AUDITFLOW_CMAKE_DIR}")
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE"
    DESTINATION "${CMAKE_INSTALL_DOCDIR}")
  if(IS_DIRECTORY "${AUDITFLOW_SDK_DIR}/rules")
    install(DIRECTORY "${AUDITFLOW_SDK_DIR}/rules" DESTINATION "${AUDITFLOW_DATA_DIR}")
  endif()
  if(TARGET auditflow_cli)
    install(TARGETS auditflow_cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()
endfunction()
