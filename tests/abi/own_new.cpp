// The program has the simplest forms of operator new and delete of its own, and no other. The other
// forms go to its own, as the standard says, whoever provides them: its blocks have a header before
// them, and are none that a library's delete could take.

#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>

#include <new>

#include "process.h"

using std::align_val_t;
using std::nothrow;

namespace {

constexpr size_t kHeader = 64;  // also the alignment
constexpr size_t kTooMuch = SIZE_MAX / 2;
constexpr char kMark = 0x5e;
int live = 0;

void* make(size_t size) {
  if (size == kTooMuch) throw std::bad_alloc();
  auto* start = static_cast<char*>(memalign(kHeader, kHeader + size));
  REQUIRE(start != nullptr);
  memset(start, kMark, kHeader);
  ++live;
  return start + kHeader;
}

void take(void* block) {
  char* start = static_cast<char*>(block) - kHeader;
  for (size_t i = 0; i < kHeader; ++i) REQUIRE(start[i] == kMark);
  --live;
  free(start);
}

}  // namespace

void* operator new(size_t size) { return make(size); }
void* operator new(size_t size, align_val_t) { return make(size); }
void operator delete(void* block) noexcept { take(block); }
void operator delete(void* block, align_val_t) noexcept { take(block); }

namespace {

constexpr align_val_t kAligned{kHeader};

using New = void*(size_t);
using Delete = void(void*, size_t);

constexpr New* kNew[] = {
    [](size_t n) { return operator new(n); },
    [](size_t n) { return operator new(n, nothrow); },
};
constexpr New* kNewArray[] = {
    [](size_t n) { return operator new[](n); },
    [](size_t n) { return operator new[](n, nothrow); },
};
constexpr New* kNewAligned[] = {
    [](size_t n) { return operator new(n, kAligned); },
    [](size_t n) { return operator new(n, kAligned, nothrow); },
};
constexpr New* kNewArrayAligned[] = {
    [](size_t n) { return operator new[](n, kAligned); },
    [](size_t n) { return operator new[](n, kAligned, nothrow); },
};
constexpr Delete* kDelete[] = {
    [](void* p, size_t) { operator delete(p); },
    [](void* p, size_t n) { operator delete(p, n); },
    [](void* p, size_t) { operator delete(p, nothrow); },
};
constexpr Delete* kDeleteArray[] = {
    [](void* p, size_t) { operator delete[](p); },
    [](void* p, size_t n) { operator delete[](p, n); },
    [](void* p, size_t) { operator delete[](p, nothrow); },
};
constexpr Delete* kDeleteAligned[] = {
    [](void* p, size_t) { operator delete(p, kAligned); },
    [](void* p, size_t n) { operator delete(p, n, kAligned); },
    [](void* p, size_t) { operator delete(p, kAligned, nothrow); },
};
constexpr Delete* kDeleteArrayAligned[] = {
    [](void* p, size_t) { operator delete[](p, kAligned); },
    [](void* p, size_t n) { operator delete[](p, n, kAligned); },
    [](void* p, size_t) { operator delete[](p, kAligned, nothrow); },
};

template <size_t kNews, size_t kDeletes>
void each_with_each(New* const (&news)[kNews], Delete* const (&deletes)[kDeletes]) {
  for (New* make_one : news) {
    for (Delete* take_one : deletes) {
      for (const size_t size : {size_t{100}, size_t{300000}}) {
        void* block = opaque(make_one(size));
        EXPECT(live == 1);
        take_one(block, size);
        EXPECT(live == 0);
      }
    }
  }
  EXPECT(news[1](opaque(kTooMuch)) == nullptr);
}

}  // namespace

int main() {
  each_with_each(kNew, kDelete);
  each_with_each(kNewArray, kDeleteArray);
  each_with_each(kNewAligned, kDeleteAligned);
  each_with_each(kNewArrayAligned, kDeleteArrayAligned);

  using Counter = int(const char*, uint64_t*);
  const auto counter = reinterpret_cast<Counter*>(dlsym(RTLD_DEFAULT, "tamari_counter"));
  if (counter == nullptr) return expect_status();
  uint64_t mismatches = 0;
  EXPECT(counter("family_mismatches", &mismatches) == 0 && mismatches == 0);
  return expect_status();
}
