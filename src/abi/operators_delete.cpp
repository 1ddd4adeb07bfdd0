// operators_delete.cpp - every form of operator delete.
#include <new>

#include "heap/allocate.h"

using std::align_val_t;
using std::nothrow_t;
using tamari::deallocate;
using tamari::kNoSize;

TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p) noexcept { deallocate(p); }
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p) noexcept { deallocate(p); }
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, const nothrow_t&) noexcept {
  deallocate(p);
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, const nothrow_t&) noexcept {
  deallocate(p);
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, size_t n) noexcept { deallocate(p, n); }
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, size_t n) noexcept { deallocate(p, n); }
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, align_val_t a) noexcept {
  deallocate(p, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, align_val_t a) noexcept {
  deallocate(p, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, align_val_t a, const nothrow_t&) noexcept {
  deallocate(p, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, align_val_t a,
                                                 const nothrow_t&) noexcept {
  deallocate(p, kNoSize, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete(void* p, size_t n, align_val_t a) noexcept {
  deallocate(p, n, size_t(a));
}
TAMARI_EXPORT TAMARI_WEAK void operator delete[](void* p, size_t n, align_val_t a) noexcept {
  deallocate(p, n, size_t(a));
}
