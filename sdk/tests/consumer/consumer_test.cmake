# Configures PROJECT against the installation under PREFIX, builds it and runs its tests; or, with EXPECT_ERROR,
# expects configuring to fail with that message; or, with CONFIGURE_ONLY, stops there.
file(REMOVE_RECURSE "${BUILD}")
set(ENV{CMAKE_PREFIX_PATH} "")
execute_process(
  COMMAND ${CMAKE_COMMAND} -S "${PROJECT}" -B "${BUILD}" -G "${GENERATOR}"
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS}" "-DCMAKE_PREFIX_PATH=${PREFIX}"
    "-DCOMPONENTS=${COMPONENTS}" "-DVERSION=${VERSION}" "-DSOURCE=${SOURCE}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors)

if(EXPECT_ERROR)
  string(REGEX REPLACE "[ \n]+" " " errors "${errors}")  # CMake breaks the lines of messages
  string(FIND "${errors}" "${EXPECT_ERROR}" position)
  if(result EQUAL 0)
    message(FATAL_ERROR "configuring succeeded, although it should have failed with: ${EXPECT_ERROR}")
  elseif(position EQUAL -1)
    message(FATAL_ERROR "expected the error: ${EXPECT_ERROR}\ngot: ${errors}")
  endif()
  return()
endif()

if(NOT result EQUAL 0)
  message(FATAL_ERROR "configuring failed:\n${output}${errors}")
endif()
if(CONFIGURE_ONLY)
  return()
endif()
execute_process(COMMAND ${CMAKE_COMMAND} --build "${BUILD}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(
  COMMAND ${CMAKE_CTEST_COMMAND} --test-dir "${BUILD}" --output-on-failure --no-tests=error
  COMMAND_ERROR_IS_FATAL ANY)
