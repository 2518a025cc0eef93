# zlayer_add_fuzz_target(<name> SOURCES <file>... CORPUS <directory>... [LIBRARIES <target>...])
#
# SOURCES define LLVMFuzzerTestOneInput. Where ZLAYER_FUZZ is on (preset `fuzz`), a libFuzzer program fuzz_<name>, which
# the target `fuzzers` builds and tools/fuzz runs. In every build with tests, the ctest test fuzz.<name>: each file of
# CORPUS once, whatever the compiler; an empty CORPUS fails.

if(ZLAYER_FUZZ)
  add_custom_target(fuzzers)
endif()

function(zlayer_add_fuzz_target name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES;CORPUS" ${ARGN})
  list(TRANSFORM arg_CORPUS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  if(ZLAYER_FUZZ)
    set(program fuzz_${name})
    add_executable(${program} ${arg_SOURCES})
    target_link_options(${program} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${program})
    list(JOIN arg_CORPUS "\n" corpus)
    file(GENERATE OUTPUT ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${program}.corpus CONTENT "${corpus}\n")
  elseif(BUILD_TESTING)
    set(program replay_${name})
    add_executable(${program} ${arg_SOURCES} ${PROJECT_SOURCE_DIR}/tools/fuzzing/replay_corpus.cc)
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
    add_test(NAME fuzz.${name} COMMAND ${program} ${arg_CORPUS})
    set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 60 LABELS fuzz)
  else()
    return()
  endif()
  target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${program} PRIVATE zlayer_warnings ${arg_LIBRARIES})
endfunction()
