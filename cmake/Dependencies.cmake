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
