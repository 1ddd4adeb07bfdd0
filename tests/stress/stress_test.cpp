// Threads that allocate, stamp, pass on and free, while settings change, caches are stolen and
// threads come and go. TAMARI_STRESS_MS sets how long each case runs.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "blocks.h"
#include "heap/layers.h"
#include "heap/statistics.h"
#include "settings.h"

namespace {

using stress::Block;
using stress::Random;
using tamari::Counter;
using tamari::Gauge;

constexpr size_t kThreads = 4;
constexpr size_t kMostKept = 300;

std::chrono::milliseconds run_time() {
  const char* wish = std::getenv("TAMARI_STRESS_MS");
  return std::chrono::milliseconds(wish != nullptr ? std::atoi(wish) : 1000);
}

void set(const std::string& text) { tamari::set_tunables(tamari::g_heap.tunables, text.c_str()); }

size_t random_size(Random& random) {
  switch (random.below(16)) {
    case 0:
      return 8 + random.below(256 * 1024);
    case 1:
    case 2:
      return 8 + random.below(4096);
    default:
      return 8 + random.below(256);
  }
}

class Stress : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(tamari::g_heap.start());
    tamari::g_heap.background.enable();
    set("remote_policy=direct,decay_ms=1000,idle_ms=1000,stash_bounded_drain=0,stash_limit=4096");
    before_ = tamari::take_snapshot();
  }

  // One thread's life until `until`: allocates, gives every third block to another thread, frees
  // its own in random order and what it was given at once.
  void work(size_t self, uint64_t seed, std::chrono::steady_clock::time_point until) {
    Random random(seed);
    std::vector<Block> kept;
    uint64_t sequence = seed << 32;
    while (std::chrono::steady_clock::now() < until) {
      for (int i = 0; i < 200; ++i) {
        const Block block = stress::make_block(random_size(random), ++sequence);
        if (random.below(3) == 0) {
          mailboxes_[random.below(kThreads)].put(block);
        } else {
          kept.push_back(block);
        }
        if (kept.size() > random.below(kMostKept)) {
          std::swap(kept[random.below(kept.size())], kept.back());
          stress::end_block(kept.back());
          kept.pop_back();
        }
      }
      for (const Block& block : mailboxes_[self].take()) stress::end_block(block);
      if (random.below(4) == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(random.below(12)));
    }
    for (const Block& block : kept) stress::end_block(block);
    stress::prepare_exit();
  }

  template <class Meanwhile>
  void run(Meanwhile meanwhile) {
    const auto until = std::chrono::steady_clock::now() + run_time();
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kThreads; ++i)
      threads.emplace_back([=, this] { work(i, i + 1, until); });
    while (std::chrono::steady_clock::now() < until) {
      meanwhile();
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    for (std::thread& thread : threads) thread.join();
    expect_nothing_left();
  }

  void run() {
    run([] {});
  }

  // All stamps were right; now every block must come home.
  void expect_nothing_left() {
    for (stress::Mailbox& mailbox : mailboxes_) {
      for (const Block& block : mailbox.take()) stress::end_block(block);
    }
    uint64_t live = UINT64_MAX;
    for (int attempt = 0; attempt < 100 && live != 0; ++attempt) {
      tamari::g_heap.background.purge_now(tamari::current_owner());
      live = tamari::take_snapshot()[Gauge::heap_in_use_bytes];
      if (live != 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(live, 0U) << "pages in use although no block is";
  }

  uint64_t since(Counter name) { return tamari::take_snapshot()[name] - before_[name]; }
  uint64_t since(Gauge name) { return tamari::take_snapshot()[name] - before_[name]; }

  stress::Mailbox mailboxes_[kThreads];
  tamari::Snapshot before_;
};

TEST_F(Stress, Direct) {
  set("remote_policy=direct");
  run();
  EXPECT_GT(since(Counter::alloc_from_transfer), 0U);
}

TEST_F(Stress, OwnerStash) {
  set("remote_policy=owner_stash");
  run();
  EXPECT_GT(since(Counter::stash_drained_blocks), 0U);
}

TEST_F(Stress, OwnerStashBoundedAndSmall) {
  set("remote_policy=owner_stash,stash_bounded_drain=1,stash_drain_limit=4,stash_bounded_extra=1,"
      "stash_limit=40");
  run();
  EXPECT_GT(since(Counter::stash_returned_batches), 0U);
  EXPECT_GT(since(Counter::stash_spills), 0U);
}

TEST_F(Stress, Hybrid) {
  set("remote_policy=hybrid");
  run();
  EXPECT_GT(since(Counter::stash_push_blocks), 0U);
}

TEST_F(Stress, PolicyChangesUnderWay) {
  const char* const policies[] = {"direct", "owner_stash", "hybrid"};
  size_t changes = 0;
  run([&] { set(std::string("remote_policy=") + policies[changes++ % 3]); });
  EXPECT_GT(changes, 3U);
}

// The background thread empties every cache that pauses for two milliseconds.
TEST_F(Stress, StealingFromWorkingThreads) {
  set("decay_ms=2,idle_ms=2");
  for (const char* policy : {"direct", "owner_stash"}) {
    set(std::string("remote_policy=") + policy);
    run();
  }
  EXPECT_GT(since(Gauge::idle_caches_emptied), 0U);
  EXPECT_GT(since(Gauge::background_ticks), 0U);
}

// And this one empties them without waiting for a pause.
TEST_F(Stress, PurgingUnderWay) {
  set("remote_policy=hybrid");
  run([] { tamari::g_heap.background.purge_now(tamari::current_owner()); });
}

TEST_F(Stress, LayersUnderWay) {
  for (const char* policy : {"direct", "owner_stash"}) {
    set(std::string("remote_policy=") + policy);
    run([] {
      tamari::Layers layers = tamari::take_layers();
      ASSERT_NE(layers[tamari::Layer::resident], tamari::kUnknownBytes);
      EXPECT_GT(layers[tamari::Layer::metadata], 0U);
      EXPECT_LT(layers[tamari::Layer::live], 2 * layers[tamari::Layer::resident]);
    });
  }
}

TEST_F(Stress, ThreadsComeAndGo) {
  set("remote_policy=owner_stash,decay_ms=2,idle_ms=2");
  const auto until = std::chrono::steady_clock::now() + run_time();
  std::atomic<uint64_t> lives{0};
  std::vector<std::thread> parents;
  for (size_t i = 0; i < kThreads; ++i) {
    parents.emplace_back([&, i] {
      while (std::chrono::steady_clock::now() < until) {
        const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
        std::thread([&] { work(i, 100 + lives++, soon); }).join();
      }
    });
  }
  for (std::thread& parent : parents) parent.join();
  expect_nothing_left();
  EXPECT_GT(lives, kThreads);
  EXPECT_GT(since(Gauge::owners_adopted), 0U);
}

}  // namespace
