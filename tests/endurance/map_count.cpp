// All mappings that the kernel lets a process have (vm.max_map_count) are in use, but for a few:
// the allocator gets by or says ENOMEM, in main and in threads, and all works again once they are
// free. And its own mappings are few, whatever was allocated, freed and purged.

#include <errno.h>
#include <malloc.h>
#include <pthread.h>

#include "../abi/mixed.h"
#include "figure.h"

namespace {

constexpr size_t kBlocks = 20000;
constexpr size_t kMostMappings = 256;  // of the heap, its tables and the purging thread

size_t mappings() {
  static char text[1 << 16];
  const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  size_t lines = 0;
  for (ssize_t got; (got = read(fd, text, sizeof text)) > 0;) {
    for (ssize_t i = 0; i < got; ++i) lines += text[i] == '\n';
  }
  close(fd);
  return lines;
}

size_t any_size(Random& random) {
  switch (random.below(30)) {
    case 0:
      return kMiB + random.below(4 * kMiB);
    case 1:
      return 20000 + random.below(400000);
    default:
      return mixed_size(random);
  }
}

// Returns how many were refused.
size_t allocate_and_free(unsigned long seed, size_t count) {
  char** blocks = map_table<char*>(kBlocks);
  Random random(seed);
  size_t refused = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t size = any_size(random);
    char*& slot = blocks[random.below(kBlocks)];
    errno = 0;
    char* block = nullptr;
    if (random.below(100) == 0) {
      block = static_cast<char*>(realloc(slot, size));
      if (block != nullptr) slot = block;
    } else {
      free(slot);
      slot = block = static_cast<char*>(malloc(size));
    }
    if (block == nullptr) {
      EXPECT(errno == ENOMEM);
      ++refused;
    } else {
      block[0] = block[size / 2] = 'm';
    }
  }
  for (size_t i = 0; i < kBlocks; ++i) free(blocks[i]);
  munmap(blocks, kBlocks * sizeof(char*));
  return refused;
}

// One page of the other protection after another, each a mapping of its own.
class AllMappings {
 public:
  AllMappings() {
    page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    area_ = static_cast<char*>(mmap(nullptr, kPages * page_, PROT_NONE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    REQUIRE(area_ != MAP_FAILED);
    size_t i = 1;
    while (i < kPages && mprotect(area_ + i * page_, page_, PROT_READ) == 0) i += 2;
    REQUIRE(i < kPages);
    last_ = i;
  }
  void leave(size_t count) {
    for (size_t i = last_ - 2; i + 2 * count > last_; i -= 2)
      REQUIRE(mprotect(area_ + i * page_, page_, PROT_NONE) == 0);
  }
  void release() { munmap(area_, kPages * page_); }

 private:
  static constexpr size_t kPages = 1 << 18;
  size_t page_, last_;
  char* area_;
};

void* in_thread(void* seed) {
  const size_t refused = allocate_and_free(reinterpret_cast<unsigned long>(seed), 30000);
  return reinterpret_cast<void*>(refused);
}

size_t in_threads(unsigned threads) {
  pthread_t ids[8];
  size_t refused = 0;
  for (unsigned t = 0; t < threads; ++t)
    REQUIRE(pthread_create(&ids[t], nullptr, in_thread, reinterpret_cast<void*>(t + 1UL)) == 0);
  for (unsigned t = 0; t < threads; ++t) {
    void* result = nullptr;
    pthread_join(ids[t], &result);
    refused += reinterpret_cast<size_t>(result);
  }
  return refused;
}

// Nothing was allocated before but what starting takes.
void used_up() {
  AllMappings all;
  const size_t refused = allocate_and_free(1, 50000);
  at_most("refused of 50000 while no mapping is left", static_cast<double>(refused), 0, "requests");
  all.leave(40);
  note("refused of 120000 in 4 threads while 40 are left", static_cast<double>(in_threads(4)),
       "requests");
  all.release();
  at_most("refused of 120000 when there are some again", static_cast<double>(in_threads(4)), 0,
          "requests");
}

void few() {
  const size_t before = mappings();
  EXPECT(in_threads(8) == 0);
  at_most("mappings that the heap has under load",
          static_cast<double>(mappings()) - static_cast<double>(before), kMostMappings, "mappings");
  sleep_ms(2500);
  malloc_trim(0);
  at_most("mappings once all is purged",
          static_cast<double>(mappings()) - static_cast<double>(before), kMostMappings, "mappings");
}

constexpr Case kCases[] = {{"used_up", used_up}, {"few", few}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
