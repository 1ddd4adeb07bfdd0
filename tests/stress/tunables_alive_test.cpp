// Every row of the tunables table does something: each is changed alone, on a workload that should
// notice, and what it should change is compared. Each run is a process of its own, forked before
// the allocator's first use. A row without an entry here fails.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "blocks.h"
#include "heap/allocate.h"
#include "heap/statistics.h"
#include "settings.h"

// What a program may define to set its defaults; here, each child's settings.
extern "C" {
const char* tamari_conf = nullptr;
}

namespace {

using tamari::Counter;
using tamari::Gauge;

uint64_t counter(Counter name) { return tamari::take_snapshot()[name]; }

std::vector<void*> allocate_all(size_t count, size_t bytes) {
  std::vector<void*> blocks(count);
  for (void*& block : blocks) {
    block = tamari::allocate(bytes);
    std::memset(block, 1, bytes);
  }
  return blocks;
}

void free_all(const std::vector<void*>& blocks) {
  for (void* block : blocks) tamari::deallocate(block);
}

// Another thread frees what this one allocated; then this one allocates again.
void hand_over(size_t count = 2000, size_t bytes = 256) {
  const std::vector<void*> blocks = allocate_all(count, bytes);
  std::thread([&] {
    free_all(blocks);
    stress::prepare_exit();
  }).join();
  allocate_all(count / 8, bytes);
}

void free_one() { free_all(allocate_all(1, 100)); }

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(250)); }

// Frees much memory and waits a little: time for a short decay, not for the default.
void free_much_and_wait() {
  tamari::finish_start();
  free_all(allocate_all(2, 16 << 20));
  allocate_all(1, 1000);  // a slow path, to wake the background thread
  pause();
}

// A second thread falls idle with blocks in its cache.
void idle_thread() {
  tamari::finish_start();
  const std::vector<void*> ballast = allocate_all(1, 8 << 20);
  allocate_all(1, 100);
  std::thread([] {
    free_all(allocate_all(1000, 100));
    pause();
    stress::prepare_exit();
  }).join();
  free_all(ballast);
}

// The VmFlags letters of the mapping that blocks lie in, as far as huge pages go.
uint64_t huge_page_flags() {
  const auto address = reinterpret_cast<uintptr_t>(allocate_all(1, 100)[0]);
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t first = 0, last = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &first, &last) == 2)
      here = first <= address && address < last;
    if (!here || line.rfind("VmFlags:", 0) != 0) continue;
    if (line.find(" nh") != std::string::npos) return 1;
    return line.find(" hg") != std::string::npos ? 2 : 3;
  }
  return 4;
}

uint64_t grow_a_block_that_must_move() {
  void* block = tamari::allocate(2 << 20);
  tamari::allocate(2 << 20);
  tamari::reallocate(block, 8 << 20);
  return counter(Counter::realloc_remapped);
}

struct Entry {
  const char* name;
  const char* value;
  const char* others;  // settings of both runs
  std::function<uint64_t()> measure;
};

template <class Name>
std::function<uint64_t()> after(void (*work)(), Name name) {
  return [=] {
    work();
    return tamari::take_snapshot()[name];
  };
}

void exchange() { hand_over(); }
void exchange_medium() { hand_over(200, 8192); }

const char* const kStash = "remote_policy=owner_stash";

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = {
      {"remote_policy", "owner_stash", "", after(exchange, Counter::free_remote)},
      {"stash_drain_limit", "8", kStash, after(exchange, Counter::stash_drained_max)},
      {"stash_bounded_drain", "1", kStash, after(exchange, Counter::stash_detached_blocks)},
      {"stash_bounded_extra", "0", "remote_policy=owner_stash,stash_bounded_drain=1",
       after(exchange, Counter::stash_detached_blocks)},
      {"stash_limit", "64", kStash, after(exchange, Counter::stash_spills)},
      {"stash_bytes", "4K", kStash, after(exchange, Counter::stash_spills)},
      {"remote_batch", "4", kStash, after(exchange, Counter::stash_push_batches)},
      {"transfer_small_bytes", "0", "", after(exchange, Counter::transfer_spills)},
      {"transfer_cache_bytes", "0", "cache_share=0",
       after(exchange_medium, Counter::transfer_spills)},
      {"thread_cache_bytes", "0", "cache_share=0", after(exchange, Counter::capacity_grown)},
      {"thread_caches_bytes", "0", "cache_share=0", after(exchange, Counter::capacity_grown)},
      {"cache_share", "0", "thread_cache_bytes=0",
       [] {
         hand_over(60000);
         return counter(Counter::capacity_grown);
       }},
      {"refill_batch", "1", "", after(exchange, Counter::alloc_slow_calls)},
      {"decay_ms", "0", "", after(free_much_and_wait, Gauge::heap_dirty_bytes)},
      {"idle_ms", "20", "decay_ms=20", after(idle_thread, Gauge::idle_caches_emptied)},
      {"purge", "off", "decay_ms=20", after(free_much_and_wait, Gauge::heap_purged_bytes)},
      {"background", "off", "decay_ms=20",
       after(free_much_and_wait, Gauge::background_threads_started)},
      {"thp", "system", "", huge_page_flags},
      {"mremap_min", "1G", "", grow_a_block_that_must_move},
      {"foreign", "ignore", "",
       [] {
         static char not_ours[64];
         allocate_all(1, 100);
         tamari::deallocate(not_ours + 16);
         return uint64_t{0};
       }},
      {"check", "all", "check_first=0", after(free_one, Counter::checked_frees)},
      {"check_first", "0", "", after(free_one, Counter::checked_frees)},
      {"strict", "1", "no_such_setting=1",
       [] {
         allocate_all(1, 100);
         return uint64_t{0};
       }},
      {"verbose", "1", "",
       [] {
         tamari::finish_start();
         return static_cast<uint64_t>(lseek(STDERR_FILENO, 0, SEEK_CUR) > 0);
       }},
  };
  return all;
}

// What the run measured, or how it ended otherwise: as text.
std::string run(const Entry& entry, const std::string& settings) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    const int log = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    dup2(log, STDERR_FILENO);
    tamari_conf = settings.c_str();
    const std::string result = std::to_string(entry.measure());
    const ssize_t written = write(pipe_ends[1], result.c_str(), result.size());
    _exit(written > 0 ? 0 : 1);
  }
  close(pipe_ends[1]);
  char buffer[64] = {};
  const ssize_t length = read(pipe_ends[0], buffer, sizeof buffer - 1);
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (length > 0 && status == 0) return buffer;
  return "status " + std::to_string(status);
}

std::string setting(const std::string& others, const std::string& more) {
  return others.empty() || more.empty() ? others + more : others + "," + more;
}

class TunableIsAlive : public testing::TestWithParam<size_t> {};

TEST_P(TunableIsAlive, ChangesWhatItShould) {
  const tamari::TunableRow& row = tamari::kTunableRows[GetParam()];
  for (const Entry& entry : entries()) {
    if (std::strcmp(entry.name, row.name) != 0) continue;
    const std::string before = run(entry, entry.others);
    const std::string changed =
        run(entry, setting(entry.others, std::string(row.name) + "=" + entry.value));
    RecordProperty("default", before);
    RecordProperty("changed", changed);
    EXPECT_NE(before, changed) << row.name << "=" << entry.value << " changes nothing";
    return;
  }
  FAIL() << "the setting " << row.name << " has no entry in this test";
}

INSTANTIATE_TEST_SUITE_P(Rows, TunableIsAlive, testing::Range<size_t>(0, tamari::kTunableCount),
                         [](const auto& row) {
                           return std::string(tamari::kTunableRows[row.param].name);
                         });

// The comparison itself: a run without a change must not differ.
TEST(TunablesAlive, NoChangeMeasuresTheSame) {
  for (const Entry& entry : entries()) {
    if (std::strcmp(entry.name, "stash_limit") != 0) continue;
    EXPECT_EQ(run(entry, entry.others), run(entry, entry.others));
  }
}

}  // namespace
