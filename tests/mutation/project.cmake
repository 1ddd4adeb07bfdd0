# The project that tests/mutation/run builds in its copy of the sources: the layers, and the tests
# that judge a mutant. Optimised little: each mutant is built once and run once.
cmake_minimum_required(VERSION 3.25)
project(mutant LANGUAGES C CXX)

set(TAMARI_SANITIZE "" CACHE STRING "As in the tree's own CMakeLists.txt")
set(CMAKE_BUILD_TYPE Debug)
set(CMAKE_C_FLAGS_DEBUG "-O1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1")
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_SOURCE_DIR}/cmake)
include(TamariFlags)
include(TamariTest)
include(TamariLibrary)
enable_testing()
find_package(GTest REQUIRED)
include(GoogleTest)

add_subdirectory(tests/fake)
add_subdirectory(tests/model)
add_subdirectory(tests/stress)

# Of the unit tests those about the protocols, and what they rest on.
set(unit_tests batch central_list central_lists lock_refused owner page_heap thread_cache)
list(TRANSFORM unit_tests PREPEND tests/unit/)
list(TRANSFORM unit_tests APPEND _test.cpp)
add_executable(unit_test ${unit_tests})
target_link_libraries(unit_test PRIVATE tamari_fake_layers GTest::gtest_main)

add_executable(mutation_gaps_test tests/mutation/gaps_test.cpp)
target_include_directories(mutation_gaps_test PRIVATE tests/unit)
target_link_libraries(mutation_gaps_test PRIVATE tamari_fake_layers GTest::gtest_main)

add_executable(quarantine_test tests/unit/quarantine_test.cpp)
target_link_libraries(quarantine_test PRIVATE tamari_layers GTest::gtest_main)

# Those that run with the library preloaded.
if(NOT TAMARI_SANITIZE)
  include(TamariShared)
  find_package(Threads REQUIRED)
  foreach(source abi/background abi/misuse abi/stopped endurance/exit_step endurance/thread_exit_step)
    cmake_path(GET source FILENAME program)
    add_executable(${program} tests/${source}.cpp tests/abi/owner.c)
    target_compile_options(${program} PRIVATE
      -fno-builtin $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-allocation-dce>)
    target_link_libraries(${program} PRIVATE Threads::Threads ${CMAKE_DL_LIBS})
    add_dependencies(${program} tamari)
  endforeach()
endif()

add_executable(mutation_model_gaps_test tests/mutation/model_gaps_test.cpp)
target_link_libraries(mutation_model_gaps_test PRIVATE
  tamari_scheduled_layers tamari_model GTest::gtest_main)
