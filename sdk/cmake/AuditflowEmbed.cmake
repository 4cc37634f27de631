# auditflow_embed_text(<target> <file> <header> <constant>): builds a text file into a target as
# `inline constexpr std::string_view auditflow::<constant>`, in the generated header "embedded/<header>".
function(auditflow_embed_text target file header constant)
  cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  file(READ "${file}" text)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${target}-embedded")
  file(CONFIGURE OUTPUT "${folder}/embedded/${header}" @ONLY CONTENT [[
// Made by CMake from the file that the name says.
#pragma once

#include <string_view>

namespace auditflow {

inline constexpr std::string_view @constant@ =
    R"embedded(@text@)embedded";

}  // namespace auditflow
]])
  target_include_directories(${target} PRIVATE "${folder}")
  set_property(TARGET ${target} PROPERTY AUDITFLOW_EMBEDDED "${folder}")
endfunction()
