# auditflow_embed_migrations(<module> <folder> <function>): builds the numbered .sql files of a folder into a module, as a
# function of its namespace, and installs them for administrators who apply them by hand.
function(auditflow_embed_migrations module folder function)
  file(GLOB files CONFIGURE_DEPENDS "${folder}/*.sql")
  set(entries "")
  set(expected 1)
  foreach(file IN LISTS files)
    cmake_path(GET file STEM name)
    string(REGEX MATCH "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+$" number "${name}")
    if(NOT number)
      message(FATAL_ERROR "${file}: a migration is named NNNN_what_it_does.sql")
    endif()
    string(REGEX REPLACE "^0+" "" version "${CMAKE_MATCH_1}")
    if(NOT version EQUAL expected)
      message(FATAL_ERROR "${file}: the next migration has the number ${expected}")
    endif()
    math(EXPR expected "${expected} + 1")
    file(READ "${file}" sql)
    string(APPEND entries "    {${version}, \"${name}\", R\"migration(${sql})migration\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  endforeach()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${module}_${function}.cpp")
  file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT [[
// Made from the .sql files by CMake.
#include <array>

#include "src/@module@/migrations.hpp"

namespace auditflow::@module@ {

std::span<const Migration> @function@() {
  static constexpr auto kMigrations = std::to_array<Migration>({
@entries@  });
  return kMigrations;
}

}  // namespace auditflow::@module@
]])
  target_sources(auditflow_${module} PRIVATE "${source}")
  if(AUDITFLOW_INSTALL)
    cmake_path(GET folder FILENAME folder_name)
    install(FILES ${files} DESTINATION "${AUDITFLOW_DATA_DIR}/migrations/${folder_name}")
  endif()
endfunction()
