# Helpers for the CMakeLists.txt files under lab/, bench/ and tests/.

# Adds each named subdirectory that has a CMakeLists.txt.
function(tamari_add_subdirectories)
  foreach(dir ${ARGN})
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/CMakeLists.txt)
      add_subdirectory(${dir})
    endif()
  endforeach()
endfunction()

# tamari_add_gtest(name source...): a GoogleTest program over the layers, without abi, one ctest
# test per case, labelled with its folder's name. For a fake os, link tamari_layers_no_os by hand.
function(tamari_add_gtest name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE tamari_layers GTest::gtest_main)
  tamari_discover_gtest(${name})
endfunction()

# Registers the cases of a GoogleTest program with ctest. They are listed when ctest runs, not when
# the program is built: an instrumented program may need the environment of script/test to start.
function(tamari_discover_gtest name)
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME label)
  gtest_discover_tests(${name}
    DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${label})
endfunction()
