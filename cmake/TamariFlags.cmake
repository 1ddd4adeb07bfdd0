# Compiler flags, by reach: everything, then the library alone.

add_compile_options(-Wall -Wextra -Wshadow)

if(TAMARI_HARDENED)
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  # Jumps land where they are meant to, where the processor checks it. The compiler's own helpers for
  # atomics are not made for that on every system.
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    add_compile_options(-mbranch-protection=standard -mno-outline-atomics)
  else()
    add_compile_options(-fcf-protection=full)
  endif()
endif()

if(TAMARI_SANITIZE)
  add_compile_options(
    -fsanitize=${TAMARI_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TAMARI_SANITIZE})
endif()

# Flags of every library object: no C++ runtime, no exported name unless marked, no call through
# the PLT for thread-local storage, and no rewriting of malloc into itself.
function(tamari_library_flags target)
  target_compile_options(${target} PRIVATE
    -Wconversion
    -fno-exceptions -fno-rtti -fno-threadsafe-statics
    -fasynchronous-unwind-tables -fno-semantic-interposition -ftls-model=initial-exec
    -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free)
  set_target_properties(${target} PROPERTIES
    POSITION_INDEPENDENT_CODE ON
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  target_include_directories(${target} PUBLIC
    ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  if(TAMARI_DEBUG_CHECKS)
    target_compile_definitions(${target} PUBLIC TAMARI_DEBUG_CHECKS=1)
  endif()
endfunction()
