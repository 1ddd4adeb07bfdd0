// operators_delete.cpp - every form of operator delete.
#include <new>

#include "abi/operators.h"
#include "heap/allocate.h"

using std::align_val_t;
using std::nothrow_t;
using namespace tamari;
using enum tamari::Family;

TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p) noexcept { deallocate(p, kNew); }
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p) noexcept {
  if (is_delete_replaced()) return ::operator delete(p);
  deallocate(p, kNewArray);
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, const nothrow_t&) noexcept {
  if (is_delete_replaced()) return ::operator delete(p);
  deallocate(p, kNew);
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, const nothrow_t&) noexcept {
  if (is_delete_array_replaced()) return ::operator delete[](p);
  deallocate(p, kNewArray);
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, size_t n) noexcept {
  if (is_delete_replaced()) return ::operator delete(p);
  deallocate(p, kNew, n);
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, size_t n) noexcept {
  if (is_delete_array_replaced()) return ::operator delete[](p);
  deallocate(p, kNewArray, n);
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, align_val_t a) noexcept {
  deallocate(p, kNew, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, align_val_t a) noexcept {
  if (is_delete_aligned_replaced()) return ::operator delete(p, a);
  deallocate(p, kNewArray, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, align_val_t a, const nothrow_t&) noexcept {
  if (is_delete_aligned_replaced()) return ::operator delete(p, a);
  deallocate(p, kNew, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, align_val_t a,
                                                 const nothrow_t&) noexcept {
  if (is_delete_array_aligned_replaced()) return ::operator delete[](p, a);
  deallocate(p, kNewArray, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, size_t n, align_val_t a) noexcept {
  if (is_delete_aligned_replaced()) return ::operator delete(p, a);
  deallocate(p, kNew, n, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, size_t n, align_val_t a) noexcept {
  if (is_delete_array_aligned_replaced()) return ::operator delete[](p, a);
  deallocate(p, kNewArray, n, size_t(a));
}

namespace tamari {

[[gnu::alias("_ZdlPv")]] void own_delete(void*) noexcept;
[[gnu::alias("_ZdaPv")]] void own_delete_array(void*) noexcept;
[[gnu::alias("_ZdlPvSt11align_val_t")]] void own_delete_aligned(void*, align_val_t) noexcept;
[[gnu::alias("_ZdaPvSt11align_val_t")]] void own_delete_array_aligned(void*, align_val_t) noexcept;

}  // namespace tamari
