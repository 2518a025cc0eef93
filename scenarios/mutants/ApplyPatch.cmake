# Script: copies ${FILES}, paths below ${SOURCE}, to ${OUT} and applies ${PATCH} there.

get_filename_component(name ${PATCH} NAME_WE)
file(REMOVE_RECURSE ${OUT})
foreach(file IN LISTS FILES)
  cmake_path(GET file PARENT_PATH folder)
  file(COPY ${SOURCE}/${file} DESTINATION ${OUT}/${folder})
endforeach()
# No fuzz: a mutant must break what it says, and not a neighbour.
execute_process(
  COMMAND ${PATCH_PROGRAM} --batch --forward --fuzz=0 --strip=1 --directory=${OUT} --input=${PATCH}
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  file(REMOVE_RECURSE ${OUT})
  message(FATAL_ERROR
    "mutant ${name}: its patch does not apply any more; renew scenarios/mutants/${name}.patch\n${output}")
endif()
foreach(file IN LISTS FILES)  # as new as their patch, for the build tool
  file(TOUCH ${OUT}/${file})
endforeach()
