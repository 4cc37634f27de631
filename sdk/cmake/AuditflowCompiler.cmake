# Language level, warnings, sanitizers and ccache for our own targets. Nothing here reaches a consumer.
find_program(AUDITFLOW_CCACHE ccache)
if(AUDITFLOW_CCACHE AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers need ccache to look past their time stamps; with the base folder several clones share
  # one cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;CCACHE_NOHASHDIR=1;CCACHE_BASEDIR=${PROJECT_SOURCE_DIR};${AUDITFLOW_CCACHE}")
endif()

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

add_library(auditflow_compiler INTERFACE)
target_compile_features(auditflow_compiler INTERFACE cxx_std_20)
target_compile_options(auditflow_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  # g++ 12 sees an overlap in `string = "literal"` at -O2 that is not there (GCC bug 105651, mended in 13).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  # What g++ 12 says of the flow of values is wrong where it has inlined much; the everyday build and
  # clang still look.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release,RelWithDebInfo>>:-Wno-array-bounds>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release,RelWithDebInfo>>:-Wno-maybe-uninitialized>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release,RelWithDebInfo>>:-Wno-stringop-overflow>
  $<$<BOOL:${AUDITFLOW_WERROR}>:-Werror>)

if(AUDITFLOW_SANITIZE)
  set(_flags -fsanitize=${AUDITFLOW_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND AUDITFLOW_SANITIZE MATCHES "undefined")
    # clang 14 miscompiles coroutines under its function sanitizer.
    list(APPEND _flags -fno-sanitize=function)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND AUDITFLOW_SANITIZE MATCHES "thread")
    # Asio has fences, which ThreadSanitizer cannot follow; its locks order the same accesses. What
    # g++ 12 says of the flow of values is wrong where it has instrumented them.
    list(APPEND _flags -Wno-tsan -Wno-array-bounds -Wno-stringop-overflow -Wno-maybe-uninitialized)
  endif()
  add_compile_options(${_flags})
  add_link_options(${_flags})
endif()

if(AUDITFLOW_BUILD_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "AUDITFLOW_BUILD_FUZZ needs clang: libFuzzer is part of it (cmake --preset fuzz)")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
