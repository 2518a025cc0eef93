# The installed package: find_package(ZLayerSidecar) gives ZLayerSidecar::lifecycle, ZLayerSidecar::fakes and
# ZLayerSidecar::sidecar_proto.

include(CMakePackageConfigHelpers)

set_target_properties(zlayer_fakes PROPERTIES EXPORT_NAME fakes)
set_target_properties(zlayer_lifecycle PROPERTIES EXPORT_NAME lifecycle)
set_target_properties(zlayer_sidecar_proto PROPERTIES EXPORT_NAME sidecar_proto)

install(TARGETS zlayer_fakes zlayer_lifecycle zlayer_sidecar_proto EXPORT ZLayerSidecarTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/lifecycle/include/zlayer ${PROJECT_SOURCE_DIR}/fakes/include/zlayer
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${ZLAYER_GENERATED_PROTO}/zlayer DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "buildah_sidecar*.h")
install(FILES ${PROJECT_SOURCE_DIR}/proto/buildah_sidecar.proto
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zlayer-sidecar)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ZLayerSidecar)
install(EXPORT ZLayerSidecarTargets NAMESPACE ZLayerSidecar:: DESTINATION ${package_dir})
set(keeper_dir ${CMAKE_INSTALL_LIBEXECDIR}/zlayer-sidecar)
set(fake_dir ${CMAKE_INSTALL_BINDIR})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ZLayerSidecarConfig.cmake.in
  ${PROJECT_BINARY_DIR}/ZLayerSidecarConfig.cmake INSTALL_DESTINATION ${package_dir}
  PATH_VARS keeper_dir fake_dir)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ZLayerSidecarConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/ZLayerSidecarConfig.cmake
  ${PROJECT_BINARY_DIR}/ZLayerSidecarConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/fakes/fixture/fake_path.cc.in
  ${PROJECT_SOURCE_DIR}/lifecycle/keeper/keeper_path.cc.in
  DESTINATION ${package_dir})
