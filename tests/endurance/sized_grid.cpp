// Sized and aligned frees over all sizes and alignments. Right values: silent, and the block is
// free for the next. Wrong ones: by default the program lives on with its heap whole, and under
// check=all each is reported.
//
// sized_grid right | wrong | wrong_alignment

#include <dlfcn.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>

#include <algorithm>
#include <new>

#include "../abi/heap_whole.h"
#include "figure.h"

namespace {

using FreeSized = void(void*, size_t);
using FreeAlignedSized = void(void*, size_t, size_t);
FreeSized* free_sized;
FreeAlignedSized* free_aligned_sized;
size_t frees;

template <typename Function>
void find(Function*& entry, const char* name) {
  entry = reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

// Every size to 1 KiB, then so dense that each size class is met in the middle and at both ends.
size_t next_size(size_t size) { return size < 1024 ? size + 1 : size + size / 64 + 1; }

void* good(void* block, size_t size, size_t alignment) {
  REQUIRE(block != nullptr && reinterpret_cast<uintptr_t>(block) % alignment == 0);
  static_cast<char*>(block)[0] = 1;
  static_cast<char*>(block)[size - 1] = 1;
  ++frees;
  return block;
}

void plain(size_t size) {
  operator delete(good(operator new(size), size, 16), size);
  operator delete[](good(operator new[](size), size, 16), size);
  if (free_sized == nullptr) return;
  free_sized(good(malloc(size), size, 16), size);
  free_sized(good(calloc(1, size), size, 16), size);
  free_sized(good(realloc(malloc(size / 2), size), size, 16), size);
}

void aligned(size_t size, size_t alignment) {
  const std::align_val_t align{alignment};
  operator delete(good(operator new(size, align), size, alignment), size, align);
  operator delete[](good(operator new[](size, align), size, alignment), size, align);
  if (free_aligned_sized == nullptr) return;
  const size_t whole = (size + alignment - 1) / alignment * alignment;
  free_aligned_sized(good(aligned_alloc(alignment, whole), whole, alignment), alignment, whole);
}

void right() {
  for (size_t size = 1; size <= 4 * kMiB; size = next_size(size)) plain(size);
  for (size_t alignment = 1; alignment <= kMiB; alignment *= 2) {
    const size_t reach = alignment <= 4096 ? kMiB : 2 * kMiB;
    for (size_t size = 1; size <= reach; size = next_size(size + size / 8))
      aligned(size, alignment);
  }
  note("sized frees", static_cast<double>(frees), "frees");
}

constexpr size_t kSizes[] = {1, 16, 100, 1000, 5000, 40000, 300000, 3 * kMiB};

// In a child whose standard error is read: what it says, and how it ends.
struct Told {
  int status;
  long lines;
};

template <typename Action>
Told in_child(Action action) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    action();
    _exit(expect_status());
  }
  close(ends[1]);
  char text[4096];
  Told told = {0, 0};
  for (ssize_t got; (got = read(ends[0], text, sizeof text)) > 0;)
    told.lines += std::count(text, text + got, '\n');
  close(ends[0]);
  told.status = wait_for(child);
  return told;
}

// Whether a sized delete names a class that the block is not of; within one class nobody can tell.
bool is_wrong(size_t size, size_t named) {
  void* block = malloc(size);
  const bool fits = named <= malloc_usable_size(block) && named > malloc_usable_size(block) / 2;
  free(block);
  return !fits;
}

void wrong() {
  if (!expect_library()) return;
  const char* settings = getenv("TAMARI_CONF");
  const bool checked = settings != nullptr && strstr(settings, "check=all") != nullptr;
  size_t runs = 0, died = 0, silent = 0;
  for (const size_t size : kSizes) {
    for (const size_t named : kSizes) {
      if (!is_wrong(size, named)) continue;
      const Told told = in_child([=] {
        for (int i = 0; i < 10; ++i) operator delete(opaque(operator new(size)), named);
        expect_heap_whole(std::min<size_t>(size, 5000));
      });
      ++runs;
      if (checked) {
        silent += told.lines == 0;
      } else {
        died += told.status != 0;
      }
      if (!checked && told.status != 0)
        printf("a block of %zu freed as %zu: status %d\n", size, named, told.status);
      if (checked && told.lines == 0) printf("a block of %zu freed as %zu: silent\n", size, named);
    }
  }
  note("wrong sizes", static_cast<double>(runs), "pairs");
  if (checked) {
    at_most("not reported", static_cast<double>(silent), 0, "pairs");
  } else {
    at_most("that ended the process or damaged its heap", static_cast<double>(died), 0, "pairs");
  }
}

// The library may ignore an alignment that is wrong; it must live on, and say nothing of blocks
// that are well.
void wrong_alignment() {
  if (!expect_library()) return;
  REQUIRE(free_aligned_sized != nullptr);
  size_t runs = 0, died = 0;
  for (const size_t alignment : {size_t{16}, size_t{64}, size_t{4096}, size_t{1} << 20}) {
    for (const size_t named : {size_t{0}, size_t{1}, size_t{3}, size_t{24}, alignment / 2,
                               alignment * 2, size_t{1} << 40, SIZE_MAX}) {
      const Told told = in_child([=] {
        for (size_t size = alignment; size <= 300000; size *= 4)
          free_aligned_sized(opaque(aligned_alloc(alignment, size)), named, size);
        expect_heap_whole(300);
      });
      ++runs;
      died += told.status != 0;
      if (told.status != 0)
        printf("aligned to %zu, freed as %zu: status %d\n", alignment, named, told.status);
    }
  }
  note("wrong alignments", static_cast<double>(runs), "pairs");
  at_most("that ended the process or damaged its heap", static_cast<double>(died), 0, "pairs");
}

constexpr Case kCases[] = {
    {"right", right}, {"wrong", wrong}, {"wrong_alignment", wrong_alignment}};

}  // namespace

int main(int argc, char** argv) {
  find(free_sized, "free_sized");
  find(free_aligned_sized, "free_aligned_sized");
  setvbuf(stdout, nullptr, _IONBF, 0);
  return run_case(kCases, argc, argv);
}
