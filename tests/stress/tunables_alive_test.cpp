// Every row of the tunables table does something: each is changed alone, on a workload that should
// notice, and what it should change is compared. Each run is a process of its own, forked before
// the allocator's first use. Both settings run twice, so that noise is not taken for a change. A
// row without an entry here fails.
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

// kExactly: equal runs measure the same. Where the clock or another thread has a say they do not:
// there the change is to none, or from none.
enum class Change { kExactly, kToNone, kFromNone };
using enum Change;

struct Entry {
  const char* name;
  const char* value;
  const char* others;  // settings of both runs
  Change change;
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
      {"remote_policy", "owner_stash", "", kExactly, after(exchange, Counter::free_remote)},
      {"stash_drain_limit", "8", kStash, kExactly, after(exchange, Counter::stash_drained_max)},
      {"stash_bounded_drain", "1", kStash, kExactly,
       after(exchange, Counter::stash_detached_blocks)},
      {"stash_bounded_extra", "0", "remote_policy=owner_stash,stash_bounded_drain=1", kExactly,
       after(exchange, Counter::stash_detached_blocks)},
      {"stash_limit", "64", kStash, kExactly, after(exchange, Counter::stash_spills)},
      {"stash_bytes", "4K", kStash, kExactly, after(exchange, Counter::stash_spills)},
      {"remote_batch", "4", kStash, kExactly, after(exchange, Counter::stash_push_batches)},
      {"transfer_small_bytes", "0", "", kExactly, after(exchange, Counter::transfer_spills)},
      {"transfer_cache_bytes", "0", "cache_share=0", kExactly,
       after(exchange_medium, Counter::transfer_spills)},
      {"thread_cache_bytes", "0", "cache_share=0", kExactly,
       after(exchange, Counter::capacity_grown)},
      {"thread_caches_bytes", "0", "cache_share=0", kExactly,
       after(exchange, Counter::capacity_grown)},
      {"cache_share", "0", "thread_cache_bytes=0", kToNone,
       [] {
         hand_over(60000);
         return counter(Counter::capacity_grown);
       }},
      {"refill_batch", "1", "", kExactly, after(exchange, Counter::alloc_slow_calls)},
      {"decay_ms", "0", "decay_ms=60000", kToNone,
       after(free_much_and_wait, Gauge::heap_dirty_bytes)},
      {"idle_ms", "20", "idle_ms=60000,decay_ms=20", kFromNone,
       after(idle_thread, Gauge::idle_caches_emptied)},
      {"purge", "off", "decay_ms=20", kToNone, after(free_much_and_wait, Gauge::heap_purged_bytes)},
      {"background", "off", "decay_ms=20", kToNone,
       after(free_much_and_wait, Gauge::background_threads_started)},
      {"thp", "system", "", kExactly, huge_page_flags},
      {"mremap_min", "1G", "", kExactly, grow_a_block_that_must_move},
      {"foreign", "ignore", "", kExactly,
       [] {
         static char not_ours[64];
         allocate_all(1, 100);
         tamari::deallocate(not_ours + 16);
         return uint64_t{0};
       }},
      {"family_mismatch", "ignore", "check=all", kExactly,
       [] {
         tamari::deallocate(tamari::allocate(100, tamari::Family::kNew));
         return uint64_t{0};
       }},
      {"check", "all", "check_first=0", kExactly, after(free_one, Counter::checked_frees)},
      {"check_first", "0", "", kExactly, after(free_one, Counter::checked_frees)},
      {"strict", "1", "no_such_setting=1", kExactly,
       [] {
         allocate_all(1, 100);
         return uint64_t{0};
       }},
      {"verbose", "1", "", kExactly,
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

struct Runs {
  std::string first, second;
};

Runs run_twice(const Entry& entry, const std::string& settings) {
  return {run(entry, settings), run(entry, settings)};
}

// Why that is no change, or nothing.
std::string complaint(Change change, const Runs& before, const Runs& after) {
  const auto are_none = [](const Runs& runs) { return runs.first == "0" && runs.second == "0"; };
  const auto are_some = [](const Runs& runs) { return runs.first != "0" && runs.second != "0"; };
  switch (change) {
    case kExactly:
      if (before.first != before.second || after.first != after.second)
        return "equal runs measure different things";
      return before.first == after.first ? "changes nothing" : "";
    case kToNone:
      return are_some(before) && are_none(after) ? "" : "does not change some to none";
    case kFromNone:
      return are_none(before) && are_some(after) ? "" : "does not change none to some";
  }
  return "no such change";
}

class TunableIsAlive : public testing::TestWithParam<size_t> {};

TEST_P(TunableIsAlive, ChangesWhatItShould) {
  const tamari::TunableRow& row = tamari::kTunableRows[GetParam()];
  for (const Entry& entry : entries()) {
    if (std::strcmp(entry.name, row.name) != 0) continue;
    const Runs before = run_twice(entry, entry.others);
    const Runs after =
        run_twice(entry, setting(entry.others, std::string(row.name) + "=" + entry.value));
    EXPECT_EQ(complaint(entry.change, before, after), "")
        << row.name << "=" << entry.value << ": " << before.first << " and " << before.second
        << " became " << after.first << " and " << after.second;
    return;
  }
  FAIL() << "the setting " << row.name << " has no entry in this test";
}

INSTANTIATE_TEST_SUITE_P(Rows, TunableIsAlive, testing::Range<size_t>(0, tamari::kTunableCount),
                         [](const auto& row) {
                           return std::string(tamari::kTunableRows[row.param].name);
                         });

// The judgement itself: noise is no change, whatever the row.
TEST(TunablesAlive, NoiseIsNoChange) {
  for (const Change change : {kExactly, kToNone, kFromNone}) {
    for (const Runs& noise : {Runs{"0", "0"}, Runs{"3", "3"}, Runs{"3", "2"}, Runs{"0", "3"}}) {
      EXPECT_NE(complaint(change, noise, noise), "");
      EXPECT_NE(complaint(change, noise, {noise.second, noise.first}), "");
    }
    EXPECT_NE(complaint(change, {"3", "3"}, {"2", "3"}), "");
    EXPECT_NE(complaint(change, {"0", "0"}, {"0", "3"}), "");
  }
  EXPECT_EQ(complaint(kExactly, {"3", "3"}, {"2", "2"}), "");
  EXPECT_EQ(complaint(kToNone, {"3", "2"}, {"0", "0"}), "");
  EXPECT_EQ(complaint(kFromNone, {"0", "0"}, {"3", "2"}), "");
}

}  // namespace
