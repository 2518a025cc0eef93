# Script of zlayer_embed_text: writes ${OUT}/${HEADER}.{h,cc} from ${FILES}. With ROOT the stem keeps the folders
# between it and the file.

list(SORT FILES)
set(entries "")
foreach(file IN LISTS FILES)
  get_filename_component(stem ${file} NAME_WE)
  if(ROOT)
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${ROOT} OUTPUT_VARIABLE relative)
    cmake_path(GET relative PARENT_PATH folder)
    set(stem "${folder}/${stem}")
  endif()
  file(READ ${file} text)
  string(APPEND entries "    {\"${stem}\", R\"~~~~(${text})~~~~\"},\n")
endforeach()

file(WRITE ${OUT}/${HEADER}.h "// Generated. Text files compiled into the program.
#pragma once

#include <span>
#include <string_view>

struct EmbeddedFile {
  std::string_view stem;
  std::string_view text;
};

std::span<const EmbeddedFile> ${FUNCTION}();
")
file(WRITE ${OUT}/${HEADER}.cc "// Generated. Text files compiled into the program.
#include \"${HEADER}.h\"

std::span<const EmbeddedFile> ${FUNCTION}() {
  static constexpr EmbeddedFile kFiles[] = {
${entries}  };
  return kFiles;
}
")
