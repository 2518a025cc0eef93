# zlayer_embed_text(<target> <function> <header> [ROOT <folder>] <file>...)
#
# Compiles text files into <target>. <header> declares `<function>()`, which returns one EmbeddedFile
# {stem, text} for each file, sorted by path; the stem is the file's name up to its first dot, with ROOT preceded by its
# folder below ROOT.

function(zlayer_embed_text target function header)
  cmake_parse_arguments(arg "" "ROOT" "" ${ARGN})
  set(files ${arg_UNPARSED_ARGUMENTS})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  add_custom_command(
    OUTPUT ${out}/${header}.h ${out}/${header}.cc
    COMMAND ${CMAKE_COMMAND} -DFUNCTION=${function} -DHEADER=${header} -DOUT=${out} -DROOT=${arg_ROOT}
            "-DFILES=${files}" -P ${PROJECT_SOURCE_DIR}/cmake/WriteEmbeddedText.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/WriteEmbeddedText.cmake
    COMMENT "Embedding ${header}"
    VERBATIM)
  target_sources(${target} PRIVATE ${out}/${header}.cc ${out}/${header}.h)
  target_include_directories(${target} PRIVATE ${out})
endfunction()
