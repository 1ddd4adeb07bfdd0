# What takes over malloc: libtamari.so.1 and libtamari.a, both from the same objects.

file(GLOB_RECURSE abi_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/abi/*.cpp)
add_library(tamari_abi OBJECT ${abi_sources})
tamari_library_flags(tamari_abi)

set(objects)
foreach(part tamari_os tamari_layers_no_os tamari_abi)
  list(APPEND objects $<TARGET_OBJECTS:${part}>)
endforeach()
add_library(tamari SHARED ${objects})

# The archive holds one object: who takes malloc from it takes operator new, malloc_usable_size and
# the library's start and end too, and nothing is left to another allocator.
set(whole ${PROJECT_BINARY_DIR}/tamari.o)
add_custom_command(OUTPUT ${whole}
  COMMAND ${CMAKE_LINKER} -r -o ${whole} ${objects}
  DEPENDS ${objects} COMMAND_EXPAND_LISTS VERBATIM)
add_library(tamari_static STATIC ${whole})

# Linked as C: the library must not need libstdc++ at run time. Without the compiler's start files: its
# start and end are in .init_array and .fini_array, and not every system's are made for the
# processor's control-flow protection.
set_target_properties(tamari PROPERTIES LINKER_LANGUAGE C VERSION 1.0.0 SOVERSION 1)
set_target_properties(tamari_static PROPERTIES LINKER_LANGUAGE C OUTPUT_NAME tamari)
target_link_options(tamari PRIVATE
  -nostartfiles -Wl,--as-needed -Wl,-z,defs -Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete)

foreach(library tamari tamari_static)
  target_include_directories(${library} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  add_library(tamari::${library} ALIAS ${library})
endforeach()

# A new-handler may throw, and this file catches (see there).
set_source_files_properties(src/abi/operators_nothrow.cpp PROPERTIES COMPILE_OPTIONS -fexceptions)
