// The allocator calls of the program whose calls are timed: the linker turns each reference to NAME
// into one to __wrap_NAME, and __real_NAME into the allocator's. What the C and C++ libraries
// allocate within themselves is not seen.
#include <cstdlib>

#include "bench/suite/latency.h"

using tamari::bench::CallKind;

namespace {

template <typename Call>
auto timed(CallKind kind, Call call) {
  const std::uint64_t before = tamari::bench::clock_ticks();
  auto result = call();
  tamari::bench::record_latency(kind, tamari::bench::clock_ticks() - before);
  return result;
}

template <typename Call>
void timed_release(Call call) {
  timed(CallKind::kRelease, [&] {
    call();
    return 0;
  });
}

}  // namespace

bool tamari::bench::latency_recorded() { return true; }

extern "C" {

void* __real_malloc(std::size_t);
void* __real_calloc(std::size_t, std::size_t);
void* __real_realloc(void*, std::size_t);
void* __real_aligned_alloc(std::size_t, std::size_t);
void __real_free(void*);
void* __real__Znwm(std::size_t);
void* __real__Znam(std::size_t);
void __real__ZdlPv(void*);
void __real__ZdlPvm(void*, std::size_t);
void __real__ZdaPv(void*);

void* __wrap_malloc(std::size_t bytes) {
  return timed(CallKind::kAllocate, [&] { return __real_malloc(bytes); });
}
void* __wrap_calloc(std::size_t count, std::size_t bytes) {
  return timed(CallKind::kAllocate, [&] { return __real_calloc(count, bytes); });
}
void* __wrap_realloc(void* block, std::size_t bytes) {
  return timed(CallKind::kAllocate, [&] { return __real_realloc(block, bytes); });
}
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return timed(CallKind::kAllocate, [&] { return __real_aligned_alloc(alignment, bytes); });
}
void __wrap_free(void* block) {
  timed_release([&] { __real_free(block); });
}
void* __wrap__Znwm(std::size_t bytes) {
  return timed(CallKind::kAllocate, [&] { return __real__Znwm(bytes); });
}
void* __wrap__Znam(std::size_t bytes) {
  return timed(CallKind::kAllocate, [&] { return __real__Znam(bytes); });
}
void __wrap__ZdlPv(void* block) {
  timed_release([&] { __real__ZdlPv(block); });
}
void __wrap__ZdlPvm(void* block, std::size_t bytes) {
  timed_release([&] { __real__ZdlPvm(block, bytes); });
}
void __wrap__ZdaPv(void* block) {
  timed_release([&] { __real__ZdaPv(block); });
}

}  // extern "C"
