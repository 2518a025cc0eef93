# Included before project() by the preset `fuzz`: libFuzzer comes with clang only. tools/bootstrap does not install it.

find_program(ZLAYER_CLANG NAMES clang++-14 clang++)
if(NOT ZLAYER_CLANG)
  message(FATAL_ERROR "The preset `fuzz` needs clang++: apt-get install clang-14 libclang-rt-14-dev")
endif()
cmake_host_system_information(RESULT processor QUERY OS_PLATFORM)
foreach(runtime fuzzer asan)
  execute_process(
    COMMAND ${ZLAYER_CLANG} -print-file-name=libclang_rt.${runtime}-${processor}.a
    OUTPUT_VARIABLE archive OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT EXISTS "${archive}")
    message(FATAL_ERROR "${ZLAYER_CLANG} has no ${archive}: apt-get install libclang-rt-14-dev")
  endif()
endforeach()
set(CMAKE_CXX_COMPILER ${ZLAYER_CLANG})
