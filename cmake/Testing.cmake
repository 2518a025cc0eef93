# zlayer_add_test(<name> SOURCES <file>... [LIBRARIES <target>...] [PROGRAMS <target>...])
#
# A GoogleTest program whose tests are ctest tests of their own. PROGRAMS are executables that it starts: each is built
# first, and its path is defined as <TARGET>_PATH, upper case, in the sources.

include(GoogleTest)

# Seconds. Programs start five to ten times as slowly under sanitizers.
set(ZLAYER_TEST_TIMEOUT 60)
if(ZLAYER_SANITIZE)
  set(ZLAYER_TEST_TIMEOUT 300)
endif()

function(zlayer_add_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES;PROGRAMS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE zlayer_warnings ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  foreach(program IN LISTS arg_PROGRAMS)
    string(TOUPPER ${program} symbol)
    string(MAKE_C_IDENTIFIER ${symbol} symbol)
    target_compile_definitions(${name} PRIVATE ${symbol}_PATH="$<TARGET_FILE:${program}>")
    add_dependencies(${name} ${program})
  endforeach()
  gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 30 PROPERTIES TIMEOUT ${ZLAYER_TEST_TIMEOUT})
endfunction()
