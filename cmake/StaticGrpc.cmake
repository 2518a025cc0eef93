# zlayer_static_grpc: gRPC, protobuf and OpenSSL for a program that must reach main() quickly.
#
# A program linked against Debian's shared gRPC spends about 10 ms in the dynamic linker before main(); fully static it
# spends about 1 ms. Debian's CMake package for gRPC only knows the shared libraries, so the list comes from pkg-config.
# Sanitizers need the dynamic linker: with ZLAYER_SANITIZE the shared libraries are used.

pkg_check_modules(GRPC_STATIC REQUIRED grpc++ protobuf)

add_library(zlayer_static_grpc INTERFACE)
if(ZLAYER_SANITIZE)
  target_link_libraries(zlayer_static_grpc INTERFACE
    gRPC::grpc++ protobuf::libprotobuf OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
else()
  target_link_libraries(zlayer_static_grpc INTERFACE
    -Wl,--start-group ${GRPC_STATIC_STATIC_LIBRARIES} -Wl,--end-group)
  target_link_options(zlayer_static_grpc INTERFACE -static)
endif()
