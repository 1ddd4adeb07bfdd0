# The layers as object libraries; see the list of targets in the root CMakeLists.txt.

set(layer_sources)
foreach(layer platform config pages central thread heap)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${layer}/*.cpp)
  list(APPEND layer_sources ${sources})
endforeach()
file(GLOB os_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/platform/os*.cpp)
list(REMOVE_ITEM layer_sources ${os_sources})
# A sanitizer wants to know every thread, so that libc has to make them.
if(TAMARI_SANITIZE)
  list(REMOVE_ITEM os_sources ${PROJECT_SOURCE_DIR}/src/platform/os_thread.cpp)
  list(APPEND os_sources ${PROJECT_SOURCE_DIR}/tests/fake/os_thread.cpp)
endif()

add_library(tamari_os OBJECT ${os_sources})
tamari_library_flags(tamari_os)

add_library(tamari_layers_no_os OBJECT ${layer_sources})
tamari_library_flags(tamari_layers_no_os)

# Objects do not travel through an interface library by themselves.
add_library(tamari_layers INTERFACE)
target_link_libraries(tamari_layers INTERFACE tamari_os tamari_layers_no_os)
target_sources(tamari_layers INTERFACE
  $<TARGET_OBJECTS:tamari_os> $<TARGET_OBJECTS:tamari_layers_no_os>)
