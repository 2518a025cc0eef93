# What bench_peers is built of. A peer whose package is not installed compiles to nothing, and is reported as not run.
#
# Sets bench_peers_sources, _libraries, _definitions, and bench_peers_built: names for the benchmarks' filter.

set(bench_peers_sources
  peers/boost_process_peer.cc peers/first_client_peer.cc peers/glib_peer.cc peers/library_peer.cc
  peers/libuv_peer.cc peers/peer.cc peers/plain_peers.cc peers/python_peer.cc)
set(bench_peers_libraries)
set(bench_peers_definitions)
set(bench_peers_built library library_group first_client posix_spawn fork_exec)

# Headers only (libboost1.81-dev): with std::filesystem, Boost.Process needs no library of Boost's.
# Its first version is elsewhere from 1.86 on. Boost's own version file takes no notice of a range.
find_package(Boost 1.81 QUIET CONFIG)
if(Boost_FOUND AND Boost_VERSION VERSION_LESS 1.86)
  list(APPEND bench_peers_libraries Boost::headers)
  list(APPEND bench_peers_definitions ZLAYER_WITH_BOOST_PROCESS BOOST_PROCESS_USE_STD_FS)
  list(APPEND bench_peers_built boost_process)
endif()

pkg_check_modules(LIBUV QUIET IMPORTED_TARGET libuv)
if(LIBUV_FOUND)
  list(APPEND bench_peers_libraries PkgConfig::LIBUV)
  list(APPEND bench_peers_definitions ZLAYER_WITH_LIBUV)
  list(APPEND bench_peers_built libuv)
endif()

pkg_check_modules(GIO QUIET IMPORTED_TARGET gio-2.0)
if(GIO_FOUND)
  list(APPEND bench_peers_libraries PkgConfig::GIO)
  list(APPEND bench_peers_definitions ZLAYER_WITH_GLIB)
  list(APPEND bench_peers_built glib)
endif()

find_package(Python3 QUIET COMPONENTS Interpreter)
if(Python3_Interpreter_FOUND)
  configure_file(peers/python_peer.py ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/python_peer.py COPYONLY)
  list(APPEND bench_peers_definitions ZLAYER_PYTHON3="${Python3_EXECUTABLE}")
  list(APPEND bench_peers_built python)
endif()
