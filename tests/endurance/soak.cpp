// Everything at once, for as long as wanted: threads that allocate, resize, pass on and free
// Everything at once, for as long as wanted: threads that allocate, resize, pass on and free
// stamped blocks; short threads; forks whose children use what they inherited, the environment, the
// shell, exec, threads and fork; and settings that change under way. What is resident for each byte
// alive may not creep: the load pauses now and then, after whole rounds of settings, and the mean
// of the last quarter's pauses is compared with that of the second's.
//
// soak SECONDS [SECONDS BETWEEN LINES]

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "../abi/mixed.h"
#include "figure.h"
#include "fork_actions.h"

namespace {

constexpr unsigned long kWorkers = 6;
constexpr unsigned long kSlots = 4096;  // of each worker: 12 MiB alive
constexpr unsigned kChildSeconds = 60;
constexpr int kHung = 128 + SIGALRM;
constexpr unsigned kQuarters = 4;
constexpr unsigned long kPauses = 8;  // of a quarter, or one after each round if there are less
constexpr double kMostCreep = 2;      // percent
// A shorter run's quarters are seconds, and two pauses differ by up to 7 per cent in either
// direction: what each holds is bounded, and that it does not creep is for longer ones to say.
constexpr double kCreepSeconds = 600;
constexpr long kPauseMs = 3500;  // caches are emptied and pages decay

std::atomic<char*> slots[kWorkers][kSlots];
std::atomic<bool> stopping, pausing;
std::atomic<unsigned long> operations, short_lives;
unsigned long forks, hung, failed, changes, refused;

// --- The load ------------------------------------------------------------------------------------

char* stamped(char* block, size_t size) {
  REQUIRE(block != nullptr);
  memcpy(block, &size, sizeof size);
  block[size - 1] = 's';
  return block;
}

size_t checked(const char* block) {
  size_t size = 0;
  memcpy(&size, block, sizeof size);
  REQUIRE(size >= 32 && size <= 4 * kMiB && block[size - 1] == 's');
  return size;
}

void end_block(char* block) {
  if (block == nullptr) return;
  checked(block);
  free(block);
}

size_t any_size(Random& random) {
  return random.below(200) == 0 ? 20000 + random.below(100000) : mixed_size(random);
}

// Large blocks do not stay.
void use_large(Random& random) {
  const size_t size = kMiB + random.below(3 * kMiB);
  char* block = stamped(static_cast<char*>(malloc(size)), size);
  block = static_cast<char*>(realloc(block, size * 2));
  REQUIRE(block != nullptr && block[size - 1] == 's');
  free(block);
}

char* any_block(Random& random, char* old) {
  const size_t size = any_size(random);
  if (old != nullptr && random.below(8) == 0) {
    checked(old);
    return stamped(static_cast<char*>(realloc(old, size)), size);
  }
  end_block(old);
  void* block = random.below(8) == 0    ? calloc(1, size)
                : random.below(32) == 0 ? aligned_alloc(256, (size + 255) & ~size_t{255})
                                        : malloc(size);
  return stamped(static_cast<char*>(block), size);
}

// A slot is empty while its block is in a worker's hands: a child frees what it finds.
void step(Random& random, unsigned long worker) {
  const unsigned long row = random.below(4) == 0 ? random.below(kWorkers) : worker;
  auto& slot = slots[row][random.below(kSlots)];
  end_block(slot.exchange(any_block(random, slot.exchange(nullptr))));
  if (random.below(10000) == 0) use_large(random);
}

void work(unsigned long worker) {
  Random random(worker + 1);
  while (!stopping.load(std::memory_order_relaxed)) {
    for (int i = 0; i < 500; ++i) step(random, worker);
    operations.fetch_add(500, std::memory_order_relaxed);
    if (random.below(64) == 0) sleep_ms(static_cast<long>(random.below(30)));
    while (pausing) sleep_ms(5);
  }
}

void live_briefly(unsigned long seed) {
  Random random(seed);
  for (int i = 0; i < 200; ++i) step(random, seed % kWorkers);
  ++short_lives;
}

void make_short_threads() {
  for (unsigned long seed = 100; !stopping; seed += 4) {
    std::vector<std::thread> threads;
    for (unsigned long t = 0; t < 4; ++t) threads.emplace_back(live_briefly, seed + t);
    for (std::thread& thread : threads) thread.join();
    do {
      sleep_ms(20);
    } while (pausing);
  }
}

void live_on(unsigned long number) {
  std::thread beside(live_briefly, number);
  std::thread(live_briefly, number + 1).join();
  beside.join();
}

void free_inherited(unsigned long row) {
  for (auto& slot : slots[row]) end_block(slot.exchange(nullptr));
}

[[noreturn]] void in_child(unsigned long number) {
  alarm(kChildSeconds);
  Random random(number);
  for (int i = 0; i < 2000; ++i) step(random, number % kWorkers);
  switch (number % 7) {
    case 0:
      free_inherited(number % kWorkers);
      break;
    case 1:
      live_on(number);
      break;
    case 2:
      use_environment();
      break;
    case 3:
      use_shell();
      break;
    case 4:
      become_another_program();
    case 5:
      fork_again(kChildSeconds, [=] { free_inherited((number + 1) % kWorkers); });
      break;
    default:
      break;
  }
  for (int i = 0; i < 1000; ++i) step(random, number % kWorkers);
  _exit(expect_status());
}

void fork_once() {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) in_child(forks);
  const int status = wait_for(child);
  ++forks;
  hung += status == kHung;
  failed += status != 0 && status != kHung;
}

// --- Settings ------------------------------------------------------------------------------------

struct Setting {
  const char* name;
  const char* value;
};

// A round of changes ends as it began, with the defaults.
constexpr Setting kRound[] = {{"remote_policy", "owner_stash"},
                              {"stash_drain_limit", "1"},
                              {"stash_bounded_drain", "1"},
                              {"stash_limit", "16"},
                              {"remote_policy", "direct"},
                              {"stash_limit", "4096"},
                              {"thread_cache_bytes", "64K"},
                              {"refill_batch", "1"},
                              {"transfer_cache_bytes", "0"},
                              {"decay_ms", "0"},
                              {"remote_policy", "hybrid"},
                              {"cache_share", "0"},
                              {"idle_ms", "10"},
                              {"cache_share", "50"},
                              {"transfer_cache_bytes", "16M"},
                              {"refill_batch", "62"},
                              {"thread_cache_bytes", "4M"},
                              {"stash_bounded_drain", "0"},
                              {"stash_drain_limit", "32"},
                              {"idle_ms", "500"},
                              {"decay_ms", "1000"}};
constexpr unsigned kChanges = sizeof kRound / sizeof *kRound;

using Set = int(const char*, const char*, char*, size_t);

void change_setting(unsigned long number) {
  static Set* const set = reinterpret_cast<Set*>(dlsym(RTLD_DEFAULT, "tamari_set"));
  if (set == nullptr) return;  // not under the library
  const Setting& setting = kRound[number % kChanges];
  refused += set(setting.name, setting.value, nullptr, 0) != 0;
  ++changes;
}

// --- The run -------------------------------------------------------------------------------------

double alive_mib() {
  size_t bytes = 0;
  for (auto& row : slots) {
    for (auto& slot : row) {
      const char* block = slot.load();
      if (block != nullptr) bytes += checked(block);
    }
  }
  return static_cast<double>(bytes) / kMiB;
}

// Resident bytes for each byte alive. What was resident at first counts as alive to the bound.
double pause_and_measure(long at_first_kib) {
  pausing = true;
  sleep_ms(kPauseMs);
  const double alive = alive_mib();
  const double resident = static_cast<double>(resident_kib()) / 1024;
  pausing = false;
  note("paused, alive", alive, "MiB");
  const double bound_kib = settled_bound_kib(static_cast<double>(at_first_kib) + alive * 1024);
  at_most("paused, resident", resident, bound_kib / 1024, "MiB");
  return resident / alive;
}

void show_progress(double elapsed) {
  char text[200];
  const int length = snprintf(
      text, sizeof text,
      "%6.0f s: RSS %.1f MiB, %.0f M operations, %lu forks, %lu short threads, %lu changes\n",
      elapsed, static_cast<double>(resident_kib()) / 1024, static_cast<double>(operations) / 1e6,
      forks, short_lives.load(), changes);
  if (write(STDOUT_FILENO, text, static_cast<size_t>(length)) < 0) stopping = true;
}

// Changes settings and forks; now and then, when all settings are the defaults, what is resident is
// measured. Quarters are means of that.
void drive(double seconds, double between, long at_first_kib, double (&quarters)[kQuarters]) {
  const unsigned long rounds = static_cast<unsigned long>(seconds / 60) + 1;  // of each quarter
  const unsigned long steps = kQuarters * rounds * kChanges;
  const unsigned long between_pauses = std::max(rounds / kPauses, 1UL) * kChanges;
  unsigned long pauses[kQuarters] = {};
  const double begun = seconds_now();
  double next_line = between;
  for (unsigned long number = 0; number < steps; ++number) {
    change_setting(number);
    const double end = static_cast<double>(number + 1) * seconds / static_cast<double>(steps);
    do {
      fork_once();
      sleep_ms(20);
    } while (seconds_now() - begun < end);
    if (seconds_now() - begun >= next_line) {
      show_progress(seconds_now() - begun);
      next_line += between;
    }
    if ((number + 1) % between_pauses != 0) continue;
    const unsigned long quarter = number / (rounds * kChanges);
    quarters[quarter] += pause_and_measure(at_first_kib);
    ++pauses[quarter];
  }
  for (unsigned i = 0; i < kQuarters; ++i) quarters[i] /= static_cast<double>(pauses[i]);
}

void run(double seconds, double between) {
  const long at_first = resident_kib();
  std::vector<std::thread> threads;
  for (unsigned long t = 0; t < kWorkers; ++t) threads.emplace_back(work, t);
  threads.emplace_back(make_short_threads);
  sleep_ms(2000);  // until all slots are full
  double quarters[kQuarters] = {};
  drive(seconds, between, at_first, quarters);
  stopping = true;
  for (std::thread& thread : threads) thread.join();
  for (auto& row : slots) {
    for (auto& slot : row) end_block(slot.exchange(nullptr));
  }
  show_progress(seconds);
  const double creep = 100 * (quarters[3] / quarters[1] - 1);
  const char* title = "creep of the paused RSS over the second half";
  if (seconds < kCreepSeconds) {
    note(title, creep, "%");
  } else {
    at_most(title, creep, kMostCreep, "%");
  }
  at_most("children that hung", static_cast<double>(hung), 0, "children");
  at_most("children that failed", static_cast<double>(failed), 0, "children");
  at_most("settings refused", static_cast<double>(refused), 0, "settings");
  at_most("RSS 5 s after the end", static_cast<double>(resident_after(5)),
          settled_bound_kib(static_cast<double>(at_first)), "KiB");
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc >= 2);
  run(atof(argv[1]), argc > 2 ? atof(argv[2]) : 10);
  return expect_status();
}
