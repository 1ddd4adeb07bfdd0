// operator new when there is no memory: the new_handler loop, bad_alloc, and the nothrow forms.

#include <stdint.h>

#include <new>

#include "process.h"

namespace {

const size_t kImpossible = opaque(SIZE_MAX / 2 - 4096);

int handler_calls;

template <typename Exception, typename Action>
bool throws(Action action) {
  try {
    action();
  } catch (const Exception&) {
    return true;
  }
  return false;
}

void without_handler() {
  EXPECT(throws<std::bad_alloc>([] { operator delete(operator new(kImpossible)); }));
  EXPECT(throws<std::bad_alloc>([] { operator delete[](operator new[](kImpossible)); }));
  const std::align_val_t page{4096};
  EXPECT(throws<std::bad_alloc>([=] { operator delete(operator new(kImpossible, page), page); }));
  EXPECT(
      throws<std::bad_alloc>([=] { operator delete[](operator new[](kImpossible, page), page); }));
}

void nothrow_forms() {
  const std::align_val_t page{4096};
  EXPECT(operator new(kImpossible, std::nothrow) == nullptr);
  EXPECT(operator new[](kImpossible, std::nothrow) == nullptr);
  EXPECT(operator new(kImpossible, page, std::nothrow) == nullptr);
  EXPECT(operator new[](kImpossible, page, std::nothrow) == nullptr);
}

// A handler that can free nothing says so by removing itself.
void give_up_at_the_third_call() {
  if (++handler_calls == 3) std::set_new_handler(nullptr);
}

void handler_that_gives_up() {
  const std::align_val_t page{4096};
  const auto calls_of = [](auto action) {
    handler_calls = 0;
    std::set_new_handler(give_up_at_the_third_call);
    action();
    return handler_calls;
  };
  EXPECT(calls_of([] {
           EXPECT(throws<std::bad_alloc>([] { operator delete(operator new(kImpossible)); }));
         }) == 3);
  EXPECT(calls_of([=] {
           EXPECT(throws<std::bad_alloc>(
               [=] { operator delete(operator new(kImpossible, page), page); }));
         }) == 3);
  EXPECT(calls_of([] { EXPECT(operator new(kImpossible, std::nothrow) == nullptr); }) == 3);
  EXPECT(calls_of([=] { EXPECT(operator new[](kImpossible, page, std::nothrow) == nullptr); }) ==
         3);
}

// No memory has it, and no handler can help. (libstdc++ says the same.)
void alignment_that_is_none() {
  handler_calls = 0;
  std::set_new_handler(give_up_at_the_third_call);
  for (const size_t value : {0, 24, 255, 4095, 300000}) {
    const std::align_val_t odd{opaque(value)};
    for (const size_t bytes : {1, 3000, 400000}) {
      EXPECT(operator new(bytes, odd, std::nothrow) == nullptr);
      EXPECT(operator new[](bytes, odd, std::nothrow) == nullptr);
      EXPECT(throws<std::bad_alloc>([=] { opaque(operator new(bytes, odd)); }));
      EXPECT(throws<std::bad_alloc>([=] { opaque(operator new[](bytes, odd)); }));
    }
  }
  EXPECT(handler_calls == 0);
  std::set_new_handler(nullptr);
}

struct OutOfIdeas {};

// What a handler throws passes through operator new, and so through the library's frames.
void handler_that_throws() {
  std::set_new_handler([] { throw OutOfIdeas(); });
  EXPECT(throws<OutOfIdeas>([] { operator delete(operator new(kImpossible)); }));
  std::set_new_handler([] { throw std::bad_alloc(); });
  EXPECT(throws<std::bad_alloc>([] { operator delete(operator new(kImpossible)); }));
  std::set_new_handler(nullptr);
}

void nothrow_with_handler_that_throws() {
  std::set_new_handler([] { throw std::bad_alloc(); });
  EXPECT(operator new(kImpossible, std::nothrow) == nullptr);
  EXPECT(operator new[](kImpossible, std::nothrow) == nullptr);
  std::set_new_handler(nullptr);
}

// Ballast that the handler throws overboard, a few blocks at a time.
constexpr size_t kBallastBytes = 4 << 20;
void* ballast[1024];
int ballast_blocks;

void load_ballast() {
  while (ballast_blocks < 1024) {
    void* block = operator new(kBallastBytes, std::nothrow);
    if (block == nullptr) return;
    ballast[ballast_blocks++] = block;
  }
}

void drop_ballast() {
  ++handler_calls;
  if (ballast_blocks == 0) throw std::bad_alloc();
  for (int i = 0; i < 4 && ballast_blocks > 0; ++i) operator delete(ballast[--ballast_blocks]);
}

void retry_after_release() {
  load_ballast();
  EXPECT(ballast_blocks > 0 && ballast_blocks < 1024);
  std::set_new_handler(drop_ballast);
  handler_calls = 0;
  char* block = static_cast<char*>(operator new(48 << 20));
  EXPECT(handler_calls > 0);
  memset(block, 1, 48 << 20);
  operator delete(block);
}

// The limit must be there before the library reserves its address space.
void retry_in_limited_process() {
  const rlimit limit = {512 << 20, 512 << 20};
  REQUIRE(setrlimit(RLIMIT_AS, &limit) == 0);
  exec_self("limited");
}

constexpr Case kCases[] = {
    {"no_handler", without_handler},        {"nothrow", nothrow_forms},
    {"gives_up", handler_that_gives_up},    {"odd_alignment", alignment_that_is_none},
    {"throws", handler_that_throws},        {"nothrow_throws", nothrow_with_handler_that_throws},
    {"releases", retry_in_limited_process}, {"limited", retry_after_release}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
