// The layers of resident memory in tamari_stats_json(), against what the kernel says of each
// mapping: tamari's own mappings, and no others in such a program, are without reservation of swap.
// And against what the program knows of itself.

#include <dlfcn.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "process.h"

namespace {

constexpr size_t kMiB = 1 << 20;
constexpr long kUnknown = -1;

struct Layers {
  long live, rounding, free_blocks, thread_caches, stashes, transfer_cache, free_pages, other,
      resident, sum;
};

// The number after "name": in the member `layers`.
long number_of(const char* layers, const char* name) {
  char key[64];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char* found = strstr(layers, key);
  REQUIRE(found != nullptr);
  found += strlen(key);
  return *found == 'n' ? kUnknown : strtol(found, nullptr, 10);
}

Layers take_layers() {
  static char json[32768];
  using Print = size_t (*)(char*, size_t);
  const auto print = reinterpret_cast<Print>(dlsym(RTLD_DEFAULT, "tamari_stats_json"));
  REQUIRE(print != nullptr && print(json, sizeof json) < sizeof json);
  const char* from = strstr(json, "\"layers\":{");
  REQUIRE(from != nullptr);
  const auto get = [from](const char* name) { return number_of(from, name); };
  Layers layers{get("live"),        get("rounding"),
                get("free_blocks"), get("thread_caches"),
                get("stashes"),     get("transfer_cache"),
                get("free_pages"),  get("other"),
                get("resident"),    0};
  const long known = layers.rounding == kUnknown ? 0 : layers.rounding;
  layers.sum = layers.live + known + get("quarantine") + layers.free_blocks + layers.thread_caches +
               layers.stashes + layers.transfer_cache + layers.free_pages + get("metadata") +
               layers.other;
  return layers;
}

struct Mappings {
  long ours = 0;
  long all = 0;
};

Mappings read_mappings() {
  static char line[4096];
  FILE* file = fopen("/proc/self/smaps", "re");
  REQUIRE(file != nullptr);
  Mappings found;
  long resident = 0;
  while (fgets(line, sizeof line, file) != nullptr) {
    if (strncmp(line, "Rss:", 4) == 0) {
      resident = strtol(line + 4, nullptr, 10) * 1024;
      found.all += resident;
    } else if (strncmp(line, "VmFlags:", 8) == 0 && strstr(line, " nr") != nullptr) {
      found.ours += resident;
    }
  }
  fclose(file);
  return found;
}

void expect_near(const char* what, long value, long expected, long tolerance) {
  if (labs(value - expected) <= tolerance) return;
  expect_fail(__FILE__, __LINE__, "%s is %ld, expected %ld +- %ld", what, value, expected,
              tolerance);
}

// Whatever the state of the heap. The background thread may purge between the two looks, so that a
// difference is looked at again.
Layers expect_sound() {
  constexpr int kLooks = 5;
  Layers layers{};
  Mappings mappings;
  for (int look = 0; look < kLooks; ++look) {
    mappings = read_mappings();
    layers = take_layers();
    if (labs(layers.resident - layers.other - mappings.ours) <= mappings.all * 3 / 100) break;
    sleep_ms(300);
  }
  const long tolerance = mappings.all * 3 / 100;
  expect_near("resident", layers.resident, mappings.all, tolerance);
  expect_near("the sum", layers.sum, layers.resident, tolerance);
  expect_near("tamari's part", layers.resident - layers.other, mappings.ours, tolerance);
  return layers;
}

std::vector<void*> fill(size_t count, size_t size, size_t touched) {
  std::vector<void*> blocks(count);
  for (void*& block : blocks) {
    block = malloc(size);
    REQUIRE(block != nullptr);
    memset(block, 1, touched);
  }
  return blocks;
}

long free_in_layers(const Layers& layers) {
  return layers.free_blocks + layers.thread_caches + layers.transfer_cache;
}

// Sizes that are size classes, so that there is no rounding to allow for.
void holes() {
  constexpr long kBytes = 64 * kMiB;
  std::vector<void*> blocks = fill(kBytes / 128, 128, 128);
  const long table = static_cast<long>(blocks.size() * sizeof blocks[0]);
  expect_near("live", expect_sound().live, kBytes + table, kBytes / 20);
  for (size_t i = 0; i < blocks.size(); i += 2) free(blocks[i]);
  const Layers layers = expect_sound();
  expect_near("live", layers.live, kBytes / 2 + table, kBytes / 20);
  expect_near("free blocks", free_in_layers(layers), kBytes / 2, kBytes / 20);
}

void spike() {
  constexpr long kBytes = 96 * kMiB;
  for (size_t size : {size_t{1024}, size_t{16384}, kMiB}) {
    for (void* block : fill(kBytes / size, size, size)) free(block);
    const Layers layers = expect_sound();
    EXPECT_AT_MOST(layers.live, kBytes / 20);
  }
}

// Most of each block was never written: only what was is live.
void untouched() {
  constexpr size_t kBlocks = 4000;
  const long os_page = sysconf(_SC_PAGESIZE);
  const std::vector<void*> blocks = fill(kBlocks, 65536, 1);
  const long touched = static_cast<long>(kBlocks) * os_page;
  expect_near("live", expect_sound().live, touched, touched / 10);
}

// Each thread keeps some blocks, frees some of its own and some of its neighbour's, and sleeps.
void many_threads() {
  constexpr size_t kThreads = 64;
  static std::vector<void*> given[kThreads];
  static std::atomic<size_t> filled, freed;
  static std::atomic<bool> done;
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      const std::vector<void*> kept = fill(2000, 256, 256);
      given[t] = fill(2000, 512, 512);
      ++filled;
      while (filled < kThreads) sleep_ms(1);
      for (void* block : given[(t + 1) % kThreads]) free(block);
      for (size_t i = 0; i < kept.size(); i += 3) free(kept[i]);
      ++freed;
      while (!done) sleep_ms(1);
    });
  }
  while (freed < kThreads) sleep_ms(1);
  const Layers layers = expect_sound();
  const long live = static_cast<long>(kThreads) * (2000 * 256 * 2 / 3 + 4000 * sizeof(void*));
  expect_near("live", layers.live, live, live / 10);
  done = true;
  for (std::thread& thread : threads) thread.join();
}

// Under check=all: the requests are known.
void requests() {
  constexpr long kBlocks = 200000;
  const Layers before = take_layers();
  const std::vector<void*> blocks = fill(kBlocks, 90, 90);
  const Layers layers = expect_sound();
  const long asked = kBlocks * static_cast<long>(90 + sizeof(void*));
  expect_near("live", layers.live - before.live, asked, asked / 100);
  EXPECT_AT_MOST(layers.rounding - before.rounding, kBlocks * 40);
  EXPECT(layers.rounding - before.rounding >= kBlocks * 8);
}

constexpr Case kCases[] = {{"holes", holes},
                           {"spike", spike},
                           {"untouched", untouched},
                           {"many_threads", many_threads},
                           {"requests", requests}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
