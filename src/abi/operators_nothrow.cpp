// operators_nothrow.cpp - operator new(std::nothrow): null where the throwing forms throw.
// The one file compiled with exceptions, because a new-handler may throw and we must catch. The C++
// runtime's entry points that this needs are made weak: without a runtime nobody can throw either.
#include <new>

#include "abi/operators.h"
#include "heap/allocate.h"

__asm__(
    ".weak __gxx_personality_v0\n"
    ".weak __cxa_begin_catch\n"
    ".weak __cxa_end_catch\n"
    ".weak _Unwind_Resume\n");

namespace tamari {
namespace {

template <class New>
TAMARI_SLOW void* or_null(New make) noexcept {
  try {
    return make();
  } catch (...) {
    return nullptr;
  }
}

TAMARI_SLOW void* new_slow(size_t bytes, size_t alignment, Family family) noexcept {
  return or_null([=] { return new_retry(bytes, alignment, family); });
}

TAMARI_INLINE void* new_or_null(size_t bytes, std::align_val_t alignment, Family family) {
  void* block = try_aligned(bytes, alignment, family);
  return TAMARI_LIKELY(block != nullptr) ? block : new_slow(bytes, size_t(alignment), family);
}

TAMARI_INLINE void* new_or_null(size_t bytes, Family family) {
  void* block = allocate(bytes, family);
  return TAMARI_LIKELY(block != nullptr) ? block : new_slow(bytes, kMinAlignment, family);
}

}  // namespace
}  // namespace tamari

using std::align_val_t;
using std::nothrow_t;
using namespace tamari;

TAMARI_EXPORT TAMARI_WEAK void* operator new(size_t bytes, const nothrow_t&) noexcept {
  if (is_new_replaced()) return or_null([=] { return ::operator new(bytes); });
  return new_or_null(bytes, Family::kNew);
}
TAMARI_EXPORT TAMARI_WEAK void* operator new[](size_t bytes, const nothrow_t&) noexcept {
  if (is_new_array_replaced()) return or_null([=] { return ::operator new[](bytes); });
  return new_or_null(bytes, Family::kNewArray);
}
TAMARI_EXPORT TAMARI_WEAK void* operator new(size_t bytes, align_val_t a,
                                             const nothrow_t&) noexcept {
  if (is_new_aligned_replaced()) return or_null([=] { return ::operator new(bytes, a); });
  return new_or_null(bytes, a, Family::kNew);
}
TAMARI_EXPORT TAMARI_WEAK void* operator new[](size_t bytes, align_val_t a,
                                               const nothrow_t&) noexcept {
  if (is_new_array_aligned_replaced()) return or_null([=] { return ::operator new[](bytes, a); });
  return new_or_null(bytes, a, Family::kNewArray);
}
