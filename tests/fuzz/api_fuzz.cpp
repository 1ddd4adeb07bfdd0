// Random calls of the whole public surface by four threads, against a shadow of who owns what: no
// two blocks overlap, each keeps its contents, its alignment and its usable size, calloc's memory
// is zero, and neither a free nor a success changes errno. Threads pass blocks to each other all
// the time; now and then one ends, and a new one goes on with its blocks. Settings change under
// way.
//
// Preloaded like the programs of tests/abi, so it meets the symbols that programs call. The seed
// fixes what each thread does, not how the threads interleave.
//
// tamari_api_fuzz [--seed N] [--ops N | --seconds S] [--keep TUNABLE]
//

#include <errno.h>
#include <malloc.h>
#include <pthread.h>

#include <algorithm>

#include "../abi/process.h"
#include "api_calls.h"
#include "shadow.h"

namespace {

using fuzz::Block;

constexpr unsigned long kThreads = 4;
constexpr size_t kOwn = 500;        // blocks of each thread
constexpr size_t kShared = 200;     // blocks on their way
constexpr size_t kDenseWords = 64;  // filled at each end of a large block; all of a small one
constexpr uint64_t kLife = 20000;   // operations of one thread
constexpr int kMark = 4711;         // no errno

struct Wanted {
  unsigned long seed = 1;
  uint64_t operations = UINT64_MAX;  // of all threads together
  double seconds = 10;
  const char* kept = "";
};
Wanted wanted;

fuzz::Shadow shadow;
std::atomic<uint32_t> last_stamp;
std::atomic<uint64_t> done;

// A block on its way; whoever locks the slot may exchange it.
struct Exchange {
  std::atomic_flag locked;
  Block block;
};
Exchange exchanges[kShared];

// --- The contents of a block ---------------------------------------------------------------------

uint64_t expected(uint32_t stamp, size_t word) {
  return (uint64_t{stamp} << 32 | word) * 0x9E3779B97F4A7C15;
}

// Calls f(word) for the words that are filled; the last may be cut short by the block's end.
template <typename F>
void for_each_filled(size_t bytes, F f) {
  const size_t words = (bytes + 7) / 8;
  const size_t dense = std::min(words, 2 * kDenseWords);
  for (size_t word = 0; word < dense; ++word) f(word);
  if (words == dense) return;
  for (size_t word = dense; word < words - kDenseWords; word += 509) f(word);
  for (size_t word = std::max(dense, words - kDenseWords); word < words; ++word) f(word);
}

size_t length_of(size_t word, size_t bytes) { return std::min<size_t>(8, bytes - word * 8); }

void fill(const Block& block) {
  for_each_filled(block.usable, [&](size_t word) {
    const uint64_t value = expected(block.stamp, word);
    memcpy(block.start + word * 8, &value, length_of(word, block.usable));
  });
}

// The first `bytes` of what was filled as `block`, and now lies at `start`.
bool intact(const char* start, const Block& block, size_t bytes) {
  bool good = true;
  for_each_filled(block.usable, [&](size_t word) {
    if (word * 8 >= bytes) return;
    const uint64_t value = expected(block.stamp, word);
    good &= memcmp(start + word * 8, &value, length_of(word, bytes)) == 0;
  });
  return good;
}

bool reads_zero(const char* start, size_t bytes) {
  return bytes == 0 || (start[0] == 0 && memcmp(start, start + 1, bytes - 1) == 0);
}

// --- One thread ----------------------------------------------------------------------------------

class Worker {
 public:
  void begin(unsigned long number) { random_ = Random(wanted.seed * kThreads + number + 1); }
  void live();
  void empty_slot(Block& slot);
  void end();

 private:
  void step();
  void fill_slot(Block& slot);
  void resize_slot(Block& slot);
  void pass_on(Block& slot);
  void adopt(Block& slot, Block fresh);
  void release(Block& slot);
  size_t any_size();

  void expect(bool good, const char* what, const Block& block) const;
  void expect_errno(const char* what, const Block& block) const {
    expect(errno == kMark, what, block);
  }

  Random random_{0};
  uint64_t step_ = 0;
  Block own_[kOwn];
};
Worker workers[kThreads];

void Worker::expect(bool good, const char* what, const Block& block) const {
  static std::atomic_flag told;
  if (good) return;
  if (told.test_and_set()) pause();  // another thread ends the process
  char text[256];
  const int length = snprintf(
      text, sizeof text,
      "seed %lu, thread %ld, step %lu: %s; block %p of %zu bytes (usable %zu), alignment %zu, "
      "kind %d\n",
      wanted.seed, this - workers, step_, what, static_cast<void*>(block.start), block.bytes,
      block.usable, block.alignment, static_cast<int>(block.kind));
  if (write(STDERR_FILENO, text, static_cast<size_t>(length)) < 0) _exit(2);
  _exit(1);
}

// Small ones mostly, and now and then the neighbourhood of an edge.
size_t Worker::any_size() {
  static constexpr size_t kEdges[] = {16, 128, 1024, 4096, 32768, 65536, 131072, 262144, 1048576};
  const unsigned long choice = random_.below(1024);
  if (choice == 0) return random_.below(3 << 20);
  if (choice < 48)
    return kEdges[random_.below(sizeof kEdges / sizeof *kEdges)] - 2 + random_.below(5);
  return choice < 80 ? random_.below(40000) : random_.below(600);
}

// What the allocator gave becomes this thread's.
void Worker::adopt(Block& slot, Block fresh) {
  expect(fresh.start != nullptr, "no memory", fresh);
  const auto address = reinterpret_cast<uintptr_t>(fresh.start);
  expect(address % std::max<size_t>(fresh.alignment, 16) == 0, "misaligned", fresh);
  fresh.usable = malloc_usable_size(fresh.start);
  expect(fresh.usable >= fresh.bytes, "usable size below the size asked for", fresh);
  fresh.stamp = ++last_stamp;
  expect(shadow.pass(fresh.start, fresh.usable, 0, fresh.stamp), "overlaps another", fresh);
  expect(!fresh.zero || reads_zero(fresh.start, fresh.bytes), "zeroed memory is not zero", fresh);
  fill(fresh);
  slot = fresh;
}

// The block is whole, and about to be the allocator's again.
void Worker::release(Block& slot) {
  const size_t usable = malloc_usable_size(slot.start);
  const bool same = usable == slot.usable;
  expect(same, "the usable size has changed", slot);
  expect(intact(slot.start, slot, slot.usable), "lost its contents", slot);
  expect(shadow.pass(slot.start, slot.usable, slot.stamp, 0), "overlapped by another", slot);
}

void Worker::fill_slot(Block& slot) {
  const size_t bytes = any_size();
  errno = kMark;
  const Block fresh = fuzz::allocate(random_, bytes);
  expect_errno("an allocation changed errno", fresh);
  adopt(slot, fresh);
}

void Worker::resize_slot(Block& slot) {
  const Block old = slot;
  release(slot);
  Block fresh;
  fresh.bytes = any_size() + 1;
  errno = kMark;
  fresh.start = fuzz::resize(random_, old, fresh.bytes);
  expect_errno("realloc changed errno", old);
  expect(fresh.start != nullptr, "realloc found no memory", old);
  expect(intact(fresh.start, old, std::min(old.bytes, fresh.bytes)), "realloc lost contents", old);
  adopt(slot, fresh);
}

void Worker::empty_slot(Block& slot) {
  const Block old = slot;
  release(slot);
  slot = Block();
  errno = kMark;
  fuzz::deallocate(random_, old);
  expect_errno("a free changed errno", old);
}

void Worker::pass_on(Block& slot) {
  Exchange& exchange = exchanges[random_.below(kShared)];
  if (exchange.locked.test_and_set(std::memory_order_acquire)) return;
  std::swap(slot, exchange.block);
  exchange.locked.clear(std::memory_order_release);
}

void Worker::step() {
  Block& slot = own_[random_.below(kOwn)];
  const unsigned long choice = random_.below(1024);
  if (choice < 2) {
    const char* complaint = fuzz::call_for_all(random_, wanted.kept);
    expect(complaint == nullptr, complaint, Block());
  }
  if (choice >= 512) pass_on(slot);
  if (slot.start == nullptr) return fill_slot(slot);
  if (choice < 8) {
    const char* complaint = fuzz::call_in_vain(random_, slot);
    expect(complaint == nullptr, complaint, slot);
  } else if (choice % 16 == 8 && fuzz::may_resize(slot.kind)) {
    resize_slot(slot);
  } else {
    empty_slot(slot);
  }
}

void Worker::live() {
  for (uint64_t i = 0; i < kLife; ++i, ++step_) step();
  done += kLife;
}

void Worker::end() {
  for (Block& slot : own_) {
    if (slot.start != nullptr) empty_slot(slot);
  }
}

// --- The run -------------------------------------------------------------------------------------

double end_of_run;

bool goes_on() { return done < wanted.operations && seconds_now() < end_of_run; }

void* one_life(void* worker) {
  static_cast<Worker*>(worker)->live();
  return nullptr;
}

// In each of the four places one thread after another, started by a thread that only does that.
void* run_place(void* worker) {
  while (goes_on()) {
    pthread_t thread;
    REQUIRE(pthread_create(&thread, nullptr, one_life, worker) == 0);
    pthread_join(thread, nullptr);
  }
  return nullptr;
}

void run() {
  end_of_run = seconds_now() + wanted.seconds;
  pthread_t places[kThreads];
  for (unsigned long i = 0; i < kThreads; ++i) {
    workers[i].begin(i);
    REQUIRE(pthread_create(&places[i], nullptr, run_place, &workers[i]) == 0);
  }
  for (pthread_t place : places) pthread_join(place, nullptr);
  for (Worker& worker : workers) worker.end();
  for (Exchange& exchange : exchanges) {
    if (exchange.block.start != nullptr) workers[0].empty_slot(exchange.block);
  }
}

bool read_arguments(int argc, char** argv) {
  for (int i = 1; i < argc; i += 2) {
    const char* value = argv[i + 1];
    if (value == nullptr) return false;
    if (strcmp(argv[i], "--seed") == 0) {
      wanted.seed = strtoul(value, nullptr, 10);
    } else if (strcmp(argv[i], "--ops") == 0) {
      wanted.operations = strtoul(value, nullptr, 10);
      wanted.seconds = 1e9;
    } else if (strcmp(argv[i], "--seconds") == 0) {
      wanted.seconds = atof(value);
    } else if (strcmp(argv[i], "--keep") == 0) {
      wanted.kept = value;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (!read_arguments(argc, argv)) {
    fprintf(stderr, "usage: the first lines of tests/fuzz/api_fuzz.cpp\n");
    return 2;
  }
  run();
  printf("seed %lu: %lu operations without a complaint\n", wanted.seed, done.load());
  return expect_status();
}
