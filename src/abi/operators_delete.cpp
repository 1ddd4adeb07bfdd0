// operators_delete.cpp - every form of operator delete.
#include <new>

#include "heap/allocate.h"

using std::align_val_t;
using std::nothrow_t;
using tamari::deallocate;
using tamari::kNoSize;
using enum tamari::Family;

TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p) noexcept { deallocate(p, kNew); }
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p) noexcept { deallocate(p, kNewArray); }
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, const nothrow_t&) noexcept {
  deallocate(p, kNew);
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, const nothrow_t&) noexcept {
  deallocate(p, kNewArray);
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, size_t n) noexcept {
  deallocate(p, kNew, n);
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, size_t n) noexcept {
  deallocate(p, kNewArray, n);
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, align_val_t a) noexcept {
  deallocate(p, kNew, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, align_val_t a) noexcept {
  deallocate(p, kNewArray, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, align_val_t a, const nothrow_t&) noexcept {
  deallocate(p, kNew, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, align_val_t a,
                                                 const nothrow_t&) noexcept {
  deallocate(p, kNewArray, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, size_t n, align_val_t a) noexcept {
  deallocate(p, kNew, n, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, size_t n, align_val_t a) noexcept {
  deallocate(p, kNewArray, n, size_t(a));
}
