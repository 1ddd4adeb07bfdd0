// What faults.cpp runs: threads that allocate, grow, pass on and free stamped blocks while system
// calls fail, then the same when the trouble is over. Nothing here needs memory in order to start.

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include <atomic>

#include "../abi/mixed.h"
#include "figure.h"
#include "supervisor.h"

namespace {

constexpr size_t kWorkers = 3;
constexpr size_t kSlots = 256;
constexpr double kQuietSeconds = 4;

struct Stamped {
  size_t size;
  size_t check;
};

std::atomic<char*> slots[kWorkers + 1][kSlots];
std::atomic<size_t> refused;

char* stamp(char* block, size_t size) {
  if (block == nullptr) {
    EXPECT(errno == ENOMEM);
    ++refused;
    return nullptr;
  }
  const Stamped head = {size, size ^ reinterpret_cast<size_t>(block)};
  memcpy(block, &head, sizeof head);
  block[size - 1] = static_cast<char>(size);
  return block;
}

void check_and_free(char* block) {
  if (block == nullptr) return;
  Stamped head;
  memcpy(&head, block, sizeof head);
  REQUIRE(head.check == (head.size ^ reinterpret_cast<size_t>(block)));
  REQUIRE(block[head.size - 1] == static_cast<char>(head.size));
  free(block);
}

size_t any_size(Random& random) {
  switch (random.below(40)) {
    case 0:
      return kMiB + random.below(3 * kMiB);
    case 1:
      return 20000 + random.below(300000);
    default:
      return mixed_size(random);
  }
}

// A growing block: moved by mremap from 1 MiB on.
void grow_one() {
  char* block = nullptr;
  for (size_t size = 256 << 10; size <= 4 * kMiB; size *= 2) {
    errno = 0;
    char* grown = static_cast<char*>(realloc(block, size));
    if (grown == nullptr) {
      EXPECT(errno == ENOMEM);
      ++refused;
      break;
    }
    if (block != nullptr) EXPECT(grown[0] == 'g' && grown[size / 2 - 1] == 'g');
    block = grown;
    block[0] = block[size - 1] = 'g';
  }
  free(block);
}

void churn(size_t self, int steps) {
  Random random(self + 1);
  for (int i = 0; i < steps; ++i) {
    const size_t size = any_size(random);
    errno = 0;
    char* raw = static_cast<char*>(i % 7 == 0 ? calloc(1, size) : malloc(size));
    if (i % 7 == 0 && raw != nullptr) EXPECT(raw[0] == 0 && raw[size - 1] == 0);
    const size_t row = random.below(4) == 0 ? random.below(kWorkers + 1) : self;
    check_and_free(slots[row][random.below(kSlots)].exchange(stamp(raw, size)));
    if (i % 500 == 0) grow_one();
  }
}

void free_all() {
  for (auto& row : slots) {
    for (auto& slot : row) check_and_free(slot.exchange(nullptr));
  }
}

// What is resident may be unknown to it; all else must be told.
void report() {
  using Print = size_t(char*, size_t);
  static char text[1 << 16];
  auto* print = reinterpret_cast<Print*>(dlsym(RTLD_DEFAULT, "tamari_stats_json"));
  if (print == nullptr) return;  // not under the library
  const size_t length = print(text, sizeof text);
  EXPECT(length > 1000 && length < sizeof text && text[0] == '{');
  EXPECT(strstr(text, "\"heap_in_use_bytes\"") != nullptr);
}

void run_trouble() {
  pthread_t threads[kWorkers];
  size_t made = 0;
  for (size_t t = 0; t < kWorkers; ++t) {
    const auto body = [](void* self) -> void* {
      churn(reinterpret_cast<size_t>(self), 3000);
      return nullptr;
    };
    const int error = pthread_create(&threads[made], nullptr, body, reinterpret_cast<void*>(t + 1));
    if (error == 0) ++made;
    EXPECT(error == 0 || error == EAGAIN);
  }
  churn(0, 3000);
  for (size_t t = 0; t < made; ++t) pthread_join(threads[t], nullptr);
  report();
  sleep_ms(700);  // idle caches are emptied, pages decay
  churn(0, 1000);
}

// 64 MiB in all sizes, for which there must be memory now.
void expect_all_works() {
  const size_t before = refused;
  Random random(99);
  char** blocks = map_table<char*>(64 * kMiB / 32);
  size_t count = 0;
  for (size_t bytes = 0; bytes < 64 * kMiB;) {
    const size_t size = any_size(random);
    blocks[count++] = stamp(static_cast<char*>(malloc(size)), size);
    bytes += size;
  }
  grow_one();
  for (size_t i = 0; i < count; ++i) check_and_free(blocks[i]);
  munmap(blocks, 64 * kMiB / 32 * sizeof(char*));
  EXPECT(refused == before);
}

}  // namespace

int main() {
  run_trouble();
  trouble_is_over();
  run_trouble();
  expect_all_works();
  free_all();
  EXPECT_AT_MOST(settle_kib(24 << 10, kQuietSeconds), 24 << 10);
  return expect_status();
}
