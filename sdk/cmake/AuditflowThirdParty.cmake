# How to find each third-party target that a module links. Used by our own build and, installed, by
# auditflowConfig.cmake, which repeats it for exactly the modules that a program asks for: a static library
# needs its dependencies at the final link.
#
# prometheus-cpp has no version file (never ask it for a version); re2 and libyaml have no CMake package.
# PkgConfig targets carry our prefix so that they cannot collide with those of the program around us.

# auditflow_third_party(<target> <package variable> <pkg-config variable>)
#
# Sets either the first to the arguments of find_package, or the second to the name of a pkg-config module.
function(auditflow_third_party target package_variable module_variable)
  set(packages
    "tl::expected=tl-expected CONFIG"
    "simdjson::simdjson=simdjson CONFIG"
    "nlohmann_json::nlohmann_json=nlohmann_json CONFIG"
    "spdlog::spdlog=spdlog CONFIG"
    "fmt::fmt=fmt CONFIG"
    "prometheus-cpp::core=prometheus-cpp CONFIG"
    "Boost::headers=Boost 1.81 CONFIG"
    "SQLite::SQLite3=SQLite3"
    "OpenSSL::Crypto=OpenSSL"
    "rabbitmq::rabbitmq=rabbitmq-c CONFIG"
    "CURL::libcurl=CURL"
    "Threads::Threads=Threads"
    "ZLIB::ZLIB=ZLIB"
    "LibLZMA::LibLZMA=LibLZMA")
  set(modules
    "PkgConfig::auditflow_re2=re2"
    "PkgConfig::auditflow_yaml=yaml-0.1"
    "PkgConfig::auditflow_zstd=libzstd"
    "PkgConfig::auditflow_hiredis=hiredis"
    "PkgConfig::auditflow_pqxx=libpqxx")
  set(package "")
  set(module "")
  foreach(kind IN ITEMS package module)
    foreach(entry IN LISTS ${kind}s)
      string(FIND "${entry}" "${target}=" position)
      if(position EQUAL 0)
        string(REPLACE "${target}=" "" ${kind} "${entry}")
        string(REPLACE " " ";" ${kind} "${${kind}}")
      endif()
    endforeach()
  endforeach()
  if(NOT package AND NOT module)
    message(FATAL_ERROR "auditflow: AuditflowThirdParty.cmake does not say how to find ${target}")
  endif()
  set(${package_variable} "${package}" PARENT_SCOPE)
  set(${module_variable} "${module}" PARENT_SCOPE)
endfunction()

# auditflow_pkg_config_target(PkgConfig::<prefix> <module>): makes the target if pkg-config knows the module.
macro(auditflow_pkg_config_target target module)
  string(REPLACE "PkgConfig::" "" _auditflow_prefix "${target}")
  pkg_check_modules(${_auditflow_prefix} QUIET IMPORTED_TARGET GLOBAL "${module}")
  unset(_auditflow_prefix)
endmacro()

# auditflow_require(<target>...): for our own build; stops if one is missing.
macro(auditflow_require)
  foreach(_auditflow_target ${ARGN})
    if(NOT TARGET ${_auditflow_target})
      auditflow_third_party(${_auditflow_target} _auditflow_package _auditflow_module)
      if(_auditflow_module)
        find_package(PkgConfig REQUIRED)
        auditflow_pkg_config_target(${_auditflow_target} ${_auditflow_module})
      else()
        find_package(${_auditflow_package} REQUIRED)
      endif()
      if(NOT TARGET ${_auditflow_target})
        message(FATAL_ERROR "${_auditflow_target} is missing (${_auditflow_package}${_auditflow_module}): scripts/bootstrap installs it")
      endif()
    endif()
  endforeach()
endmacro()
