// operators.h - what the forms of new and delete share; whether the program has its own.
//
// The standard makes each form of new and delete call a simpler one: new[] calls new, a delete that
// is told the size calls the one that is not. A program that replaces the simple ones alone counts
// on it: what they hand out need not be blocks of ours. Three instructions, and right from the
// moment the library is relocated.
#pragma once

#include <cstddef>
#include <new>

#include "heap/allocate.h"

namespace tamari {

// Null where there is no memory, or the alignment is none: no power of two.
TAMARI_INLINE void* try_aligned(size_t bytes, std::align_val_t alignment, Family family) {
  const auto value = static_cast<size_t>(alignment);
  return TAMARI_LIKELY(is_power_of_two(value)) ? allocate_aligned(bytes, value, family) : nullptr;
}

// Calls the new-handler until there is memory. Null when there is no handler, or it cannot help.
TAMARI_SLOW void* new_retry(size_t bytes, size_t alignment, Family family);

// Ours, by names that a program cannot replace.
TAMARI_HIDDEN void* own_new(size_t);
TAMARI_HIDDEN void* own_new_array(size_t);
TAMARI_HIDDEN void* own_new_aligned(size_t, std::align_val_t);
TAMARI_HIDDEN void* own_new_array_aligned(size_t, std::align_val_t);
TAMARI_HIDDEN void own_delete(void*) noexcept;
TAMARI_HIDDEN void own_delete_array(void*) noexcept;
TAMARI_HIDDEN void own_delete_aligned(void*, std::align_val_t) noexcept;
TAMARI_HIDDEN void own_delete_array_aligned(void*, std::align_val_t) noexcept;

template <class Function>
TAMARI_INLINE bool is_replaced(Function* seen, Function* own) {
  return TAMARI_UNLIKELY(seen != own);
}

TAMARI_INLINE bool is_new_replaced() {
  return is_replaced<void*(size_t)>(&::operator new, own_new);
}
TAMARI_INLINE bool is_new_aligned_replaced() {
  return is_replaced<void*(size_t, std::align_val_t)>(&::operator new, own_new_aligned);
}
TAMARI_INLINE bool is_new_array_replaced() {
  return is_new_replaced() || is_replaced<void*(size_t)>(&::operator new[], own_new_array);
}
TAMARI_INLINE bool is_new_array_aligned_replaced() {
  return is_new_aligned_replaced() ||
         is_replaced<void*(size_t, std::align_val_t)>(&::operator new[], own_new_array_aligned);
}
TAMARI_INLINE bool is_delete_replaced() {
  return is_replaced<void(void*) noexcept>(&::operator delete, own_delete);
}
TAMARI_INLINE bool is_delete_aligned_replaced() {
  return is_replaced<void(void*, std::align_val_t) noexcept>(&::operator delete,
                                                             own_delete_aligned);
}
TAMARI_INLINE bool is_delete_array_replaced() {
  return is_delete_replaced() ||
         is_replaced<void(void*) noexcept>(&::operator delete[], own_delete_array);
}
TAMARI_INLINE bool is_delete_array_aligned_replaced() {
  return is_delete_aligned_replaced() || is_replaced<void(void*, std::align_val_t) noexcept>(
                                             &::operator delete[], own_delete_array_aligned);
}

}  // namespace tamari
