# Installs BUILD under PREFIX and checks that everything public has arrived and nothing private has.
file(REMOVE_RECURSE "${PREFIX}")
execute_process(COMMAND ${CMAKE_COMMAND} --install "${BUILD}" --prefix "${PREFIX}"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

file(GLOB_RECURSE expected RELATIVE "${SOURCE}/include" "${SOURCE}/include/*.hpp")
file(GLOB_RECURSE installed RELATIVE "${PREFIX}/include" "${PREFIX}/include/*")
if(NOT expected STREQUAL installed)
  message(FATAL_ERROR "installed headers differ from the public ones:\n${installed}\n${expected}")
endif()

if(IS_DIRECTORY "${SOURCE}/rules")
  file(GLOB_RECURSE expected RELATIVE "${SOURCE}/rules" "${SOURCE}/rules/*")
  file(GLOB_RECURSE installed RELATIVE "${PREFIX}/share/auditflow/rules" "${PREFIX}/share/auditflow/rules/*")
  if(NOT expected STREQUAL installed)
    message(FATAL_ERROR "installed rules differ from the shipped ones:\n${installed}\n${expected}")
  endif()
endif()

# An installation must not point back into the tree that it came from.
file(GLOB_RECURSE packages "${PREFIX}/*.cmake")
foreach(file IN LISTS packages)
  file(READ "${file}" text)
  string(FIND "${text}" "${SOURCE}" position)
  if(NOT position EQUAL -1)
    message(FATAL_ERROR "${file} mentions the source tree")
  endif()
endforeach()
