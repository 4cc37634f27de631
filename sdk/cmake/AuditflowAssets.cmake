# auditflow_embed_assets(<module> <header> <constant> <file> [<constant> <file>…]): builds files into a module as the
# constants of type std::string_view that its private header declares in the module's namespace.
function(auditflow_embed_assets module header)
  set(constants "")
  set(pairs ${ARGN})
  while(pairs)
    list(POP_FRONT pairs constant file)
    file(READ "${file}" text)
    string(APPEND constants "const std::string_view ${constant} = R\"asset(${text})asset\";\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  endwhile()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${module}_assets.cpp")
  file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT [[
// Made from the files that it holds by CMake.
#include "@header@"

namespace auditflow::@module@ {

@constants@
}  // namespace auditflow::@module@
]])
  target_sources(auditflow_${module} PRIVATE "${source}")
endfunction()
