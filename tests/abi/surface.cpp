// Every entry point of the malloc family exists, comes from the library under test, and works.

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>

#include <new>

#include "process.h"

namespace {

// What glibc 2.36 has, so that a control run finds them too.
constexpr const char* kFamily[] = {"malloc",         "calloc",         "realloc",
                                   "reallocarray",   "free",           "aligned_alloc",
                                   "posix_memalign", "memalign",       "valloc",
                                   "pvalloc",        "malloc_trim",    "mallinfo",
                                   "mallinfo2",      "malloc_info",    "malloc_stats",
                                   "mallopt",        "__libc_malloc",  "__libc_calloc",
                                   "__libc_free",    "__libc_realloc", "__libc_memalign",
                                   "__libc_valloc",  "__libc_pvalloc", "malloc_usable_size"};

// What the library adds to it: the old cfree, C23, and an alias that other allocators define.
constexpr const char* kBeyondGlibc[] = {"cfree", "free_sized", "free_aligned_sized",
                                        "__posix_memalign"};

constexpr const char* kOperators[] = {
    "_Znwm",
    "_Znam",
    "_ZnwmRKSt9nothrow_t",
    "_ZnamRKSt9nothrow_t",
    "_ZnwmSt11align_val_t",
    "_ZnamSt11align_val_t",
    "_ZnwmSt11align_val_tRKSt9nothrow_t",
    "_ZnamSt11align_val_tRKSt9nothrow_t",
    "_ZdlPv",
    "_ZdaPv",
    "_ZdlPvm",
    "_ZdaPvm",
    "_ZdlPvRKSt9nothrow_t",
    "_ZdaPvRKSt9nothrow_t",
    "_ZdlPvSt11align_val_t",
    "_ZdaPvSt11align_val_t",
    "_ZdlPvmSt11align_val_t",
    "_ZdaPvmSt11align_val_t",
    "_ZdlPvSt11align_val_tRKSt9nothrow_t",
    "_ZdaPvSt11align_val_tRKSt9nothrow_t",
};

void expect_owned(const char* name) {
  const char* wanted = expect_library() ? getenv("TAMARI_TEST_OWNER") : "";
  Dl_info info;
  void* entry = dlsym(RTLD_DEFAULT, name);
  const bool found = entry != nullptr && dladdr(entry, &info) != 0;
  if (!found || strstr(info.dli_fname, wanted) == nullptr) {
    expect_fail(__FILE__, __LINE__, "%s comes from %s", name, found ? info.dli_fname : "nowhere");
  }
}

void owned() {
  for (const char* name : kFamily) expect_owned(name);
  for (const char* name : kOperators) expect_owned(name);
  if (!expect_library()) return;
  for (const char* name : kBeyondGlibc) expect_owned(name);
}

// Of <malloc.h> there; other allocators know them too.
constexpr int kBionicsPurge = -101;
constexpr int kBionicsPurgeAll = -104;

template <typename Function>
Function* find(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

// Fills all that the block claims to hold; an overlap or a lie shows up when it is freed.
void* expect_block(void* block, size_t size, size_t alignment) {
  REQUIRE(block != nullptr);
  EXPECT(reinterpret_cast<uintptr_t>(block) % alignment == 0);
  const size_t usable = malloc_usable_size(block);
  EXPECT(usable >= size);
  memset(block, 0x5a, usable);
  return block;
}

void c_family() {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* block = nullptr;
  EXPECT(posix_memalign(&block, 64, 100) == 0);
  free(expect_block(block, 100, 64));
  free(expect_block(malloc(100), 100, 16));
  free(expect_block(calloc(10, 10), 100, 16));
  free(expect_block(realloc(nullptr, 100), 100, 16));
  free(expect_block(reallocarray(nullptr, 10, 10), 100, 16));
  free(expect_block(aligned_alloc(64, 128), 128, 64));
  free(expect_block(memalign(4096, 100), 100, 4096));
  free(expect_block(valloc(100), 100, page));
  free(expect_block(pvalloc(page + 1), 2 * page, page));
  free(nullptr);
  EXPECT(malloc_usable_size(nullptr) == 0);
}

void libc_aliases() {
  const auto alias_free = find<void(void*)>("__libc_free");
  alias_free(expect_block(find<void*(size_t)>("__libc_malloc")(100), 100, 16));
  free(expect_block(find<void*(size_t, size_t)>("__libc_calloc")(10, 10), 100, 16));
  free(expect_block(find<void*(void*, size_t)>("__libc_realloc")(malloc(1), 100), 100, 16));
  free(expect_block(find<void*(size_t, size_t)>("__libc_memalign")(256, 100), 100, 256));
  free(expect_block(find<void*(size_t)>("__libc_valloc")(100), 100, 4096));
  free(expect_block(find<void*(size_t)>("__libc_pvalloc")(100), 4096, 4096));
}

void beyond_glibc() {
  if (!expect_library()) return;
  REQUIRE(find<void()>("cfree") && find<void()>("free_sized") && find<void()>("__posix_memalign"));
  find<void(void*)>("cfree")(expect_block(malloc(100), 100, 16));
  find<void(void*, size_t)>("free_sized")(expect_block(malloc(100), 100, 16), 100);
  find<void(void*, size_t, size_t)>("free_aligned_sized")(
      expect_block(aligned_alloc(64, 128), 128, 64), 64, 128);
  void* block = nullptr;
  EXPECT(find<int(void**, size_t, size_t)>("__posix_memalign")(&block, 64, 100) == 0);
  free(expect_block(block, 100, 64));
}

void operator_pairs(size_t size) {
  operator delete(expect_block(operator new(size), size, 16));
  operator delete(expect_block(operator new(size), size, 16), size);
  operator delete(expect_block(operator new(size, std::nothrow), size, 16), std::nothrow);
  operator delete[](expect_block(operator new[](size), size, 16));
  operator delete[](expect_block(operator new[](size), size, 16), size);
  operator delete[](expect_block(operator new[](size, std::nothrow), size, 16), std::nothrow);
}

void aligned_operator_pairs(size_t size, size_t alignment) {
  const std::align_val_t align{alignment};
  const auto one = [&] { return expect_block(operator new(size, align), size, alignment); };
  const auto many = [&] { return expect_block(operator new[](size, align), size, alignment); };
  operator delete(one(), align);
  operator delete(one(), size, align);
  operator delete(one(), align, std::nothrow);
  operator delete[](many(), align);
  operator delete[](many(), size, align);
  operator delete[](many(), align, std::nothrow);
  operator delete(expect_block(operator new(size, align, std::nothrow), size, alignment), align);
  operator delete[](expect_block(operator new[](size, align, std::nothrow), size, alignment),
                    align);
}

void operators() {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{100}, size_t{5000}, size_t{300000}}) {
    operator_pairs(size);
    for (const size_t alignment : {8, 64, 4096, 65536}) aligned_operator_pairs(size, alignment);
  }
  operator delete(nullptr);
  operator delete[](nullptr);
}

// The figures must move with what the program holds, not merely be there.
void statistics() {
  constexpr size_t kBytes = 8 << 20;
  const auto in_use = [] {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const size_t before = in_use();
  void* block = expect_block(malloc(kBytes), kBytes, 16);
  EXPECT(in_use() >= before + kBytes);
  EXPECT(in_use() <= before + 2 * kBytes);
  free(block);
  EXPECT(in_use() < before + kBytes / 2);
  const struct mallinfo2 none = mallinfo2();
  // Twice as large: glibc maps no more blocks of a size that was freed once.
  block = expect_block(malloc(2 * kBytes), 2 * kBytes, 16);
  EXPECT(mallinfo2().hblks == none.hblks + 1);
  EXPECT(mallinfo2().hblkhd >= none.hblkhd + 2 * kBytes);
  EXPECT(mallinfo2().uordblks < none.uordblks + kBytes);
  free(block);
  EXPECT(mallinfo2().hblks == none.hblks && mallinfo2().hblkhd == none.hblkhd);
  const int narrow = find<struct mallinfo()>("mallinfo")().uordblks;
  EXPECT(narrow == static_cast<int>(mallinfo2().uordblks));
}

void information() {
  char text[65536] = {};
  FILE* stream = fmemopen(text, sizeof text, "w");
  REQUIRE(stream != nullptr);
  EXPECT(malloc_info(1, stream) == EINVAL || malloc_info(1, stream) == -1);
  EXPECT(ftell(stream) == 0);
  EXPECT(malloc_info(0, stream) == 0);
  EXPECT(fclose(stream) == 0);
  EXPECT(strncmp(text, "<malloc version=\"1\">", 20) == 0);
  for (const char* part : {"<heap nr=\"0\">", "<sizes>", "<total type=\"fast\" ",
                           "<total type=\"rest\" ", "<total type=\"mmap\" "}) {
    EXPECT(strstr(text, part) != nullptr);
  }
  const char* system = strstr(strstr(text, "</heap>"), "<system type=\"current\" size=\"");
  REQUIRE(system != nullptr);
  EXPECT(strtoull(strstr(system, "size=") + 6, nullptr, 10) >= 100000);
  EXPECT(strstr(text, "</malloc>") != nullptr);
}

void stats_go_to_stderr() {
  char text[1024] = {};
  int ends[2];
  REQUIRE(pipe2(ends, O_NONBLOCK) == 0);
  const int saved = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  malloc_stats();
  dup2(saved, STDERR_FILENO);
  EXPECT(read(ends[0], text, sizeof text - 1) > 0);
  close(ends[0]);
  close(ends[1]);
  close(saved);
  for (const char* words : {"Arena 0:", "in use bytes     =", "max mmap bytes   ="})
    EXPECT(strstr(text, words) != nullptr);
}

// glibc knows the first nine, and accepts any other.
void settings() {
  constexpr int kParameters[] = {
      M_ARENA_MAX, M_ARENA_TEST, M_CHECK_ACTION, M_MMAP_MAX,       M_MMAP_THRESHOLD,
      M_MXFAST,    M_TOP_PAD,    M_PERTURB,      M_TRIM_THRESHOLD, M_NLBLKS,
      M_GRAIN,     M_KEEP,       kBionicsPurge,  kBionicsPurgeAll, 4711};
  for (const int parameter : kParameters) EXPECT(mallopt(parameter, 0) == 1);
  const int trimmed = malloc_trim(0);
  EXPECT(trimmed == 0 || trimmed == 1);
  free(expect_block(malloc(100), 100, 16));
}

void refused_settings() {
  constexpr int kMostFast = 80 * sizeof(size_t) / 4;
  EXPECT(mallopt(M_MXFAST, kMostFast) == 1);
  EXPECT(mallopt(M_MXFAST, kMostFast + 1) == 0);
  EXPECT(mallopt(M_MXFAST, -1) == 0);
}

// Accepted, and without effect: no pattern is written to blocks.
void perturb() {
  if (!expect_library()) return;
  EXPECT(mallopt(M_PERTURB, 0x5a) == 1);
  auto* block = static_cast<char*>(opaque(malloc(100)));
  memset(block, 1, 100);
  free(opaque(block));
  block = static_cast<char*>(opaque(malloc(100)));
  for (int i = 0; i < 100; ++i) EXPECT(block[i] == 1);
  free(block);
}

// Without the call, what was freed would stay for a minute.
void purge_by_mallopt() {
  if (!expect_library()) return;
  const auto set = find<int(const char*, const char*, char*, size_t)>("tamari_set");
  REQUIRE(set != nullptr && set("decay_ms", "60000", nullptr, 0) == 0);
  for (const int parameter : {kBionicsPurge, kBionicsPurgeAll}) {
    constexpr size_t kBytes = 64 << 20;
    void* block = malloc(kBytes);
    REQUIRE(block != nullptr);
    memset(block, 1, kBytes);
    free(block);
    const long before = resident_kib();
    EXPECT(mallopt(parameter, 0) == 1);
    EXPECT_AT_MOST(resident_kib(), before - (60 << 10));
  }
}

}  // namespace

// One of the first blocks of the process, which wait after their free: that counts as freed.
void freed_counts_as_freed() {
  void* block = expect_block(malloc(20480), 20480, 16);
  const size_t before = mallinfo2().uordblks;
  const size_t not_in_use = mallinfo2().fordblks;
  free(block);
  EXPECT(mallinfo2().uordblks + 20480 <= before);
  EXPECT(mallinfo2().fordblks >= not_in_use + 20480);
}

int main() {
  freed_counts_as_freed();
  owned();
  c_family();
  libc_aliases();
  beyond_glibc();
  operators();
  statistics();
  information();
  stats_go_to_stderr();
  settings();
  refused_settings();
  perturb();
  purge_by_mallopt();
  return expect_status();
}
