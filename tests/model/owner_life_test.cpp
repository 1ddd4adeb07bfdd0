// The life of an owner: its thread allocates, frees and exits while others push to its stash, empty
// its cache or adopt it. When the dust has settled every block is back in its span and every page
// in the page heap: nothing was lost, and nothing was there twice (a span reports that).
#include <gtest/gtest.h>

#include <string>

#include "heap/background.h"
#include "layers_scenario.h"

namespace {

using model::Memory;
using model::Options;
using tamari::Owner;

constexpr size_t kClass = 40;  // few blocks in a span

class OwnerLife : public model::LayersScenario {
 protected:
  explicit OwnerLife(uint64_t policy) : background(world.shared) {
    static constexpr const char* kPolicies[] = {"direct", "owner_stash", "hybrid"};
    world.set((std::string("remote_policy=") + kPolicies[policy]).c_str());
    world.set("remote_batch=1");
    for (Owner*& owner : owners) owner = world.owners.attach(world.shared);
    for (void*& block : blocks) block = owners[0]->cache.refill_and_pop(kClass);
  }

  static void* allocate(Owner& owner) {
    void* block = tamari::BlockStack::pop(owner.cache.top, kClass);
    return block != nullptr ? block : owner.cache.refill_and_pop(kClass);
  }
  static void free(Owner& owner, void* block) {
    if (owner.cache.top[kClass] < owner.cache.limit[kClass]) {
      tamari::BlockStack::push(owner.cache.top[kClass], owner.cache.top[kClass], block);
    } else {
      owner.cache.push_slow(kClass, block);
    }
  }
  void exit_thread(Owner& owner) {
    owner.cache.empty();
    world.owners.retire(owner);
  }

  // Everything that is still held goes back; then every page must be free.
  void expect_all_back() {
    for (uint32_t id = 1; id < world.owners.count(); ++id) {
      Owner& owner = world.owners.at(id);
      if (owner.is_active()) exit_thread(owner);
    }
    background.purge_now(nullptr);
    for (uint32_t id = 1; id < world.owners.count(); ++id) {
      model::check(world.owners.at(id).stashes[kClass].waiting() == 0, "blocks wait in a stash");
    }
    model::check(world.shared.transfer.bytes() == 0, "blocks wait in the transfer cache");
    model::check(world.shared.pages.pages_in_use() == 0, "a block did not come back to its span");
  }

  tamari::Background background;
  Owner* owners[2];
  void* blocks[4];
};

// Thread 0 exits while thread 1 frees its blocks and thread 2 gives back all it can.
class ExitUnderPushes : public OwnerLife {
 public:
  // Without the kernel's barrier a stranger cannot empty caches; all else it does.
  explicit ExitUnderPushes(uint64_t policy, bool steals = false) : OwnerLife(policy) {
    tamari::os::g_fake.has_barrier = steals;
  }
  size_t threads() const override { return 3; }
  void run(size_t thread) override {
    if (thread == 0) {
      free(*owners[0], blocks[0]);
      free(*owners[0], allocate(*owners[0]));
      exit_thread(*owners[0]);
    } else if (thread == 1) {
      for (int i = 1; i < 4; ++i) free(*owners[1], blocks[i]);
    } else {
      background.purge_now(nullptr);
    }
  }
  void finish() override { expect_all_back(); }
};

// Thread 0 exits; thread 2 adopts its owner while thread 1 still pushes to it.
class AdoptUnderPushes : public ExitUnderPushes {
 public:
  explicit AdoptUnderPushes(uint64_t policy, bool steals = false)
      : ExitUnderPushes(policy, steals) {}
  void run(size_t thread) override {
    if (thread != 2) return ExitUnderPushes::run(thread);
    Owner* owner = world.owners.attach(world.shared);
    void* block = allocate(*owner);
    free(*owner, block);
  }
};

// Thread 0 pops and pushes while a stranger, thread 1, empties its array.
class PopsUnderTheft : public OwnerLife {
 public:
  PopsUnderTheft() : OwnerLife(0) {
    for (void*& block : taken_) block = take();
    for (void* block : taken_) push(block);
  }
  size_t threads() const override { return 2; }
  void run(size_t thread) override {
    if (thread == 1) {
      background.purge_now(nullptr);
      return;
    }
    for (void*& block : taken_) block = take();
    push(taken_[0]);
    taken_[0] = take();
  }
  void finish() override {
    for (void* block : taken_) push(block);
    for (void* block : blocks) free(*owners[0], block);
    expect_all_back();
  }

 private:
  static constexpr size_t kClass = 3;

  void* take() {
    void* block = owners[0]->cache.pop(kClass);
    return block != nullptr ? block : owners[0]->cache.refill_and_pop(kClass);
  }
  void push(void* block) { owners[0]->cache.push_slow(kClass, block); }

  void* taken_[3];
};

// The seeded bug: the exiting thread forgets its cache.
class ExitWithoutEmptying : public ExitUnderPushes {
 public:
  ExitWithoutEmptying() : ExitUnderPushes(1) {}
  void run(size_t thread) override {
    if (thread != 0) return ExitUnderPushes::run(thread);
    world.owners.retire(*owners[0]);
  }
};

// The seeded bug: a block is freed by two threads.
class FreedTwice : public ExitUnderPushes {
 public:
  FreedTwice() : ExitUnderPushes(1) {}
  void run(size_t thread) override {
    if (thread == 0) blocks[0] = blocks[1];
    ExitUnderPushes::run(thread);
  }
};

constexpr Options kOneSwitch{.preemptions = 1};  // searched whole
constexpr Options kRandom{.random_executions = 1500};
constexpr Options kWeak{.memory = Memory::kWeak, .random_executions = 1500};

template <class S>
void expect_clean(const Options& options, bool steals) {
  for (uint64_t policy : {0, 1, 2}) {
    const model::Result result = model::explore<S>(options, policy, steals);
    EXPECT_FALSE(result.failed) << "policy " << policy << ": " << result.report.substr(0, 4000);
    EXPECT_EQ(result.complete, options.random_executions == 0);
  }
}

TEST(OwnerLife, ExitUnderPushesLosesNothing) {
  expect_clean<ExitUnderPushes>(kOneSwitch, false);
  expect_clean<ExitUnderPushes>(kRandom, false);
}
TEST(OwnerLife, AdoptionUnderPushesLosesNothing) {
  expect_clean<AdoptUnderPushes>(kOneSwitch, false);
  expect_clean<AdoptUnderPushes>(kRandom, false);
}
TEST(OwnerLife, StealingUnderPopsLosesNothing) {
  for (const Options& options : {kOneSwitch, kRandom}) {
    const model::Result result = model::explore<PopsUnderTheft>(options);
    EXPECT_FALSE(result.failed) << result.report.substr(0, 4000);
    EXPECT_EQ(result.complete, options.random_executions == 0);
  }
}
TEST(OwnerLife, StealingLosesNothing) {
  expect_clean<ExitUnderPushes>(kOneSwitch, true);
  expect_clean<ExitUnderPushes>(kRandom, true);
}
TEST(OwnerLife, WeakMemoryLosesNothing) { expect_clean<ExitUnderPushes>(kWeak, true); }

TEST(OwnerLife, FindsAnExitWithoutEmptying) {
  EXPECT_TRUE(model::explore<ExitWithoutEmptying>(kRandom).failed);
}
TEST(OwnerLife, FindsASecondFree) { EXPECT_TRUE(model::explore<FreedTwice>(kRandom).failed); }

}  // namespace
