# Compiler settings for our own code. Generated code links zlayer_sanitize only.

find_program(CCACHE ccache)
if(CCACHE)
  # Paths below the checkout count as relative, so that every clone shares what another has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

add_library(zlayer_sanitize INTERFACE)
if(ZLAYER_SANITIZE)
  target_compile_options(zlayer_sanitize INTERFACE
    -fsanitize=${ZLAYER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    # With this macro protobuf's map fields grow by two members, which Debian's libprotobuf does not know of.
    -U__SANITIZE_THREAD__)
  target_link_options(zlayer_sanitize INTERFACE -fsanitize=${ZLAYER_SANITIZE})
  if(ZLAYER_SANITIZE MATCHES "undefined")
    # enum: gRPC's headers keep a status code in an enum, whatever number the peer sent. vptr: whether an object may be
    # read is tried with a pipe, which a process at its limit of descriptors, as a fault has it, does not get.
    target_compile_options(zlayer_sanitize INTERFACE -fno-sanitize=enum,vptr)
  endif()
endif()

# For a program that is never sanitized. The others take zlayer_warnings.
add_library(zlayer_warnings_only INTERFACE)
target_compile_options(zlayer_warnings_only INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wimplicit-fallthrough
  # GCC 12 sees overlapping copies in `"text" + std::string` once it inlines it: GCC bug 105651.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<BOOL:${ZLAYER_WERROR}>:-Werror>)

add_library(zlayer_warnings INTERFACE)
target_link_libraries(zlayer_warnings INTERFACE zlayer_sanitize zlayer_warnings_only)
