# Everything comes from Debian 12; `tools/bootstrap` installs it.

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(pugixml REQUIRED)
find_package(benchmark REQUIRED)
find_package(GTest REQUIRED)
find_package(PkgConfig REQUIRED)

# HPACK for the fake, static wherever the fake is (see StaticGrpc.cmake).
pkg_check_modules(NGHTTP2 REQUIRED libnghttp2)
add_library(zlayer_static_nghttp2 INTERFACE)
target_include_directories(zlayer_static_nghttp2 SYSTEM INTERFACE ${NGHTTP2_INCLUDE_DIRS})
target_link_libraries(zlayer_static_nghttp2 INTERFACE ${NGHTTP2_STATIC_LIBRARIES})
