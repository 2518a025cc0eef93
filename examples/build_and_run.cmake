# Installs BUILD, configures and builds SOURCE against it, and runs its program with FAKE as the daemon; all below
# SCRATCH. Its keeper is the installed one: the package's config file says where that is.

file(REMOVE_RECURSE ${SCRATCH})
cmake_path(GET SOURCE FILENAME program)
set(prefix ${SCRATCH}/prefix)

macro(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endmacro()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${SCRATCH}/build -G Ninja -D CMAKE_PREFIX_PATH=${prefix})
run(${CMAKE_COMMAND} --build ${SCRATCH}/build)
run(${CMAKE_COMMAND} -E env ZLAYER_BUILDD_BIN=${FAKE} ZLAYER_DATA_DIR=${SCRATCH}/data
  ${SCRATCH}/build/${program})
file(REMOVE_RECURSE ${SCRATCH})
