# Installation: the libraries, the public headers, find_package(tamari), pkg-config tamari, the manual
# pages, and the tamari command where it is built (bench/CMakeLists.txt adds what it measures).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tamari)
install(TARGETS tamari tamari_static EXPORT tamariTargets)
if(TARGET tamari_cli)
  install(TARGETS tamari_cli)
endif()
file(GLOB manual_pages ${PROJECT_SOURCE_DIR}/man/*.[1-9])
foreach(page ${manual_pages})
  cmake_path(GET page EXTENSION LAST_ONLY extension)
  string(SUBSTRING ${extension} 1 1 section)
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tamari TYPE INCLUDE)
install(EXPORT tamariTargets NAMESPACE tamari:: DESTINATION ${package_dir})

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/tamariConfig.cmake.in ${PROJECT_BINARY_DIR}/tamariConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/tamariConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/tamariConfig.cmake ${PROJECT_BINARY_DIR}/tamariConfigVersion.cmake
  DESTINATION ${package_dir})

# tamari.pc finds its prefix from where it lies, so that `cmake --install --prefix` may move it.
file(RELATIVE_PATH pc_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/tamari.pc.in ${PROJECT_BINARY_DIR}/tamari.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tamari.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
