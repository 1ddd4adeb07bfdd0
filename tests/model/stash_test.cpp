// thread/stash.h and central/transfer_cache.h as shipped: pushes with a limit and a spill against
// an owner that drains, whole or bounded with the rest put back, and a stranger that drains as
// well. Each block ends in one place, with its contents, whatever the order.
#include "thread/stash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "layers_scenario.h"

namespace {

using model::Memory;
using model::Options;
using tamari::Batch;

constexpr size_t kClass = 1;
constexpr size_t kBlocks = 8;

class StashScenario : public model::LayersScenario {
 protected:
  explicit StashScenario(size_t limit) : limit_(limit) {
    for (Batch*& batch : ready_) batch = world.shared.batches.acquire(0);
  }

  // A batch of two blocks, numbered, to the stash or past its limit to the transfer cache.
  void publish(size_t which) {
    Batch* batch = ready_[which];
    batch->count = 2;
    for (size_t i = 0; i < 2; ++i) {
      const size_t block = which * 2 + i;
      contents_[block].set(static_cast<int>(block) + 100);
      batch->slots[i].store(reinterpret_cast<void*>(block + 1), std::memory_order_relaxed);
    }
    if (stash_.push(world.shared.batches, batch, limit_)) return;
    model::check(limit_ < 2 * kBlocks, "a push was refused below the limit");
    model::check(world.shared.transfer.insert(kClass, batch, SIZE_MAX, accounts_[which % kUsers]),
                 "no room past the limit");
  }

  void receive(Batch* batch) {
    if (batch == nullptr) return;
    for (size_t i = 0; i < batch->count; ++i) {
      void* block = batch->slots[i].load(std::memory_order_relaxed);
      const size_t number = reinterpret_cast<size_t>(block) - 1;
      model::check(contents_[number].get() == static_cast<int>(number) + 100,
                   "a block came without its contents");
      contents_[number].set(0);
      delivered_.push_back(number);
    }
    world.shared.batches.release(batch, 0);
  }

  // Takes one block of a batch and puts the rest back, as a bounded drain does.
  void drain_one() {
    Batch* batch = stash_.pop(world.shared.batches);
    if (batch == nullptr) return;
    Batch* rest = world.shared.batches.acquire(0);
    rest->count = batch->count - 1;
    for (size_t i = 0; i < rest->count; ++i) {
      rest->slots[i].store(batch->slots[i + 1].load(std::memory_order_relaxed),
                           std::memory_order_relaxed);
    }
    batch->count = 1;
    if (rest->count != 0) stash_.put(world.shared.batches, rest);
    receive(batch);
  }

  // The dust has settled: what is left must be all that was not delivered.
  void finish_with(size_t published) {
    while (Batch* batch = stash_.pop(world.shared.batches)) receive(batch);
    while (Batch* batch = world.shared.transfer.remove(kClass, accounts_[0])) receive(batch);
    for (auto& account : accounts_) world.shared.transfer.settle(account);
    model::check(stash_.waiting() == 0, "the stash counts blocks that are not there");
    model::check(world.shared.transfer.bytes() == 0, "the transfer cache counts what is not there");
    std::sort(delivered_.begin(), delivered_.end());
    const bool twice = std::adjacent_find(delivered_.begin(), delivered_.end()) != delivered_.end();
    model::check(!twice, "a block was delivered twice");
    model::check(delivered_.size() == published, "a block is stranded");
  }

  tamari::Stash stash_;
  static constexpr size_t kUsers = 3;  // of a shard each
  tamari::TransferCache::Account accounts_[kUsers] = {tamari::TransferCache::Account(1),
                                                      tamari::TransferCache::Account(2),
                                                      tamari::TransferCache::Account(3)};
  size_t limit_;
  Batch* ready_[kBlocks / 2];
  model::Payload<int> contents_[kBlocks];
  std::vector<size_t> delivered_;
};

class TwoPushersAndDrains : public StashScenario {
 public:
  explicit TwoPushersAndDrains(size_t limit) : StashScenario(limit) {}
  size_t threads() const override { return 4; }
  void run(size_t thread) override {
    if (thread < 2) publish(thread);
    if (thread == 2) drain_one();                                // the owner, bounded
    if (thread == 3) receive(stash_.pop(world.shared.batches));  // a stranger
  }
  void finish() override { finish_with(4); }
};

class PushersPastTheLimit : public StashScenario {
 public:
  PushersPastTheLimit() : StashScenario(2) {}
  size_t threads() const override { return 3; }
  void run(size_t thread) override {
    publish(thread);
    if (thread == 2) receive(world.shared.transfer.remove(kClass, accounts_[thread]));
  }
  void finish() override {
    // Three pushers that all saw room: the limit and one batch for each but one.
    model::check(stash_.waiting() <= 2 + 2 * 2, "the limit is overshot by more than a batch each");
    finish_with(6);
  }
};

// The seeded bug: the put-back forgets the rest.
class ForgetfulDrain : public TwoPushersAndDrains {
 public:
  ForgetfulDrain() : TwoPushersAndDrains(SIZE_MAX) {}
  void run(size_t thread) override {
    if (thread != 2) return TwoPushersAndDrains::run(thread);
    Batch* batch = stash_.pop(world.shared.batches);
    if (batch == nullptr) return;
    batch->count = 1;
    receive(batch);
  }
};

// The seeded bug: blocks are written after the push.
class LateContents : public TwoPushersAndDrains {
 public:
  LateContents() : TwoPushersAndDrains(SIZE_MAX) {}
  void run(size_t thread) override {
    TwoPushersAndDrains::run(thread);
    if (thread == 0) contents_[0].set(100);
  }
};

constexpr Options kSequential{.preemptions = 2};
constexpr Options kWeak{.memory = Memory::kWeak, .preemptions = 1, .stale_reads = 1};
constexpr Options kRandom{.memory = Memory::kWeak, .random_executions = 3000};

template <class S, class... Arguments>
void expect_clean(Arguments... arguments) {
  for (const Options& options : {kSequential, kWeak, kRandom}) {
    const model::Result result = model::explore<S>(options, arguments...);
    EXPECT_FALSE(result.failed) << result.report;
    EXPECT_EQ(result.complete, options.random_executions == 0);
  }
}

TEST(Stash, DeliversEachBlockOnce) { expect_clean<TwoPushersAndDrains>(SIZE_MAX); }
TEST(Stash, SpillsPastItsLimit) {
  expect_clean<TwoPushersAndDrains>(size_t{2});
  expect_clean<PushersPastTheLimit>();
}
TEST(Stash, FindsADrainThatForgets) {
  EXPECT_TRUE(model::explore<ForgetfulDrain>(kSequential).failed);
}
TEST(Stash, FindsContentsWrittenTooLate) {
  EXPECT_TRUE(model::explore<LateContents>(kSequential).failed);
}

}  // namespace
