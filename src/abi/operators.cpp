// operators.cpp - the forms of operator new that throw (the others: operators_nothrow.cpp,
// operators_delete.cpp). Built without a C++ runtime: the new-handler and bad_alloc are reached
// through weak references to the program's own.
#include <dlfcn.h>
#include <stddef.h>

#include <new>

#include "abi/operators.h"
#include "heap/allocate.h"
#include "heap/report.h"

// libstdc++'s std::get_new_handler() and std::__throw_bad_alloc().
extern "C" {
TAMARI_WEAK std::new_handler _ZSt15get_new_handlerv();
TAMARI_WEAK void _ZSt17__throw_bad_allocv();
}

// The unwind tables of operators_nothrow.cpp lead to the personality routine through a pointer,
// which the compiler puts where it stays writable. Of the two that have this name the linker keeps
// the one it meets first: this one, read-only once it is relocated.
__asm__(
    ".pushsection .data.rel.ro.local.DW.ref.__gxx_personality_v0, \"awG\", %progbits, "
    "DW.ref.__gxx_personality_v0, comdat\n"
    ".balign 8\n"
    ".hidden DW.ref.__gxx_personality_v0\n"
    ".weak DW.ref.__gxx_personality_v0\n"
    ".weak __gxx_personality_v0\n"
    ".type DW.ref.__gxx_personality_v0, %object\n"
    ".size DW.ref.__gxx_personality_v0, 8\n"
    "DW.ref.__gxx_personality_v0: .8byte __gxx_personality_v0\n"
    ".popsection\n");

namespace tamari {
namespace {

// The runtime may have been loaded later, out of sight of the weak reference.
template <class Function>
Function in_runtime(Function linked, const char* name) {
  if (linked != nullptr) return linked;
  void* runtime = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
  if (runtime == nullptr) return nullptr;
  return reinterpret_cast<Function>(dlsym(runtime, name));
}

}  // namespace

void* new_retry(size_t bytes, size_t alignment, Family family) {
  if (!is_power_of_two(alignment)) return nullptr;
  auto get_handler = in_runtime(&_ZSt15get_new_handlerv, "_ZSt15get_new_handlerv");
  for (;;) {
    const std::new_handler handler = get_handler == nullptr ? nullptr : get_handler();
    if (handler == nullptr) return nullptr;
    handler();
    void* block = allocate_aligned(bytes, alignment, family);
    if (block != nullptr) return block;
  }
}

namespace {

TAMARI_SLOW void* new_slow(size_t bytes, size_t alignment, Family family) {
  void* block = new_retry(bytes, alignment, family);
  if (block != nullptr) return block;
  auto throw_bad_alloc = in_runtime(&_ZSt17__throw_bad_allocv, "_ZSt17__throw_bad_allocv");
  if (throw_bad_alloc != nullptr) throw_bad_alloc();
  warn("out-of-memory", "operator new cannot throw std::bad_alloc: no C++ runtime found",
       "use operator new(std::nothrow) or link libstdc++ dynamically");
  os::abort_now();
}

TAMARI_INLINE void* new_or_throw(size_t bytes, Family family) {
  void* block = allocate(bytes, family);
  return TAMARI_LIKELY(block != nullptr) ? block : new_slow(bytes, kMinAlignment, family);
}

TAMARI_INLINE void* new_or_throw(size_t bytes, std::align_val_t alignment, Family family) {
  void* block = try_aligned(bytes, alignment, family);
  return TAMARI_LIKELY(block != nullptr) ? block : new_slow(bytes, size_t(alignment), family);
}

}  // namespace

}  // namespace tamari

using namespace tamari;

TAMARI_EXPORT TAMARI_WEAK void* operator new(size_t bytes) {
  return new_or_throw(bytes, Family::kNew);
}
TAMARI_EXPORT TAMARI_WEAK void* operator new[](size_t bytes) {
  if (is_new_replaced()) return ::operator new(bytes);
  return new_or_throw(bytes, Family::kNewArray);
}
TAMARI_EXPORT TAMARI_WEAK void* operator new(size_t bytes, std::align_val_t alignment) {
  return new_or_throw(bytes, alignment, Family::kNew);
}
TAMARI_EXPORT TAMARI_WEAK void* operator new[](size_t bytes, std::align_val_t alignment) {
  if (is_new_aligned_replaced()) return ::operator new(bytes, alignment);
  return new_or_throw(bytes, alignment, Family::kNewArray);
}

namespace tamari {

[[gnu::alias("_Znwm"), gnu::malloc, gnu::alloc_size(1)]] void* own_new(size_t);
[[gnu::alias("_Znam"), gnu::malloc, gnu::alloc_size(1)]] void* own_new_array(size_t);
[[gnu::alias("_ZnwmSt11align_val_t"), gnu::malloc,
  gnu::alloc_size(1)]] void* own_new_aligned(size_t, std::align_val_t);
[[gnu::alias("_ZnamSt11align_val_t"), gnu::malloc,
  gnu::alloc_size(1)]] void* own_new_array_aligned(size_t, std::align_val_t);

// Then its new may hand out blocks of malloc, say, and its delete pass blocks to free.
bool are_operators_replaced() {
  return is_new_array_replaced() || is_new_array_aligned_replaced() || is_delete_array_replaced() ||
         is_delete_array_aligned_replaced();
}

}  // namespace tamari
