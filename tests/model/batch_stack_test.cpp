// central/batch_stack.h: any number of pushers and poppers; each batch is delivered once, with its
// contents. The bugs are seeded in the word that the shipped stack is built on.
#include "central/batch_stack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "payload.h"
#include "scheduled_atomic.h"

namespace {

using model::Memory;
using model::Options;
using model::ScheduledAtomic;

// A word whose tag is always zero: compare-and-swap sees the index alone.
class TaglessWord {
 public:
  constexpr TaglessWord(uint64_t value) : word_(value) {}
  uint64_t load(std::memory_order order) const { return word_.load(order); }
  bool compare_exchange_weak(uint64_t& expected, uint64_t desired, std::memory_order success,
                             std::memory_order failure) {
    return word_.compare_exchange_weak(expected, static_cast<uint32_t>(desired), success, failure);
  }

 private:
  ScheduledAtomic<uint64_t> word_;
};

// A word that passes one of the memory orders on as relaxed.
template <std::memory_order kWeakened>
class WeakenedWord {
 public:
  constexpr WeakenedWord(uint64_t value) : word_(value) {}
  uint64_t load(std::memory_order order) const { return word_.load(weaken(order)); }
  bool compare_exchange_weak(uint64_t& expected, uint64_t desired, std::memory_order success,
                             std::memory_order failure) {
    return word_.compare_exchange_weak(expected, desired, weaken(success), weaken(failure));
  }

 private:
  static std::memory_order weaken(std::memory_order order) {
    return order == kWeakened ? std::memory_order_relaxed : order;
  }
  ScheduledAtomic<uint64_t> word_;
};

struct Batches {
  ScheduledAtomic<uint32_t>& next(uint32_t index) { return links[index]; }
  ScheduledAtomic<uint32_t> links[8];
  model::Payload<int> contents[8];
};

template <class Word>
class StackScenario : public model::Scenario {
 public:
  // Everything delivered or still there must be [1, made], each once.
  void finish() override {
    while (const uint32_t index = stack.pop(batches)) delivered.push_back(index);
    std::sort(delivered.begin(), delivered.end());
    const bool twice = std::adjacent_find(delivered.begin(), delivered.end()) != delivered.end();
    model::check(!twice, "a batch was delivered twice");
    model::check(delivered.size() == made, "a batch is lost");
  }

 protected:
  void push(uint32_t index) {
    batches.contents[index].set(static_cast<int>(index) * 10);
    stack.push(batches, index);
  }
  void receive(uint32_t index) {
    if (index == 0) return;
    model::check(batches.contents[index].get() == static_cast<int>(index) * 10,
                 "a batch came without its contents");
    batches.contents[index].set(0);
    delivered.push_back(index);
  }
  void fill(uint32_t count) {
    for (uint32_t i = 1; i <= count; ++i) push(i);
    made = count;
  }

  tamari::BatchStack<Word> stack;
  Batches batches;
  std::vector<uint32_t> delivered;
  size_t made = 0;
};

template <class Word>
class PushAndPop : public StackScenario<Word> {
 public:
  PushAndPop() { this->made = 2; }
  size_t threads() const override { return 4; }
  void run(size_t thread) override {
    if (thread < 2) this->push(static_cast<uint32_t>(thread + 1));
    if (thread >= 2) this->receive(this->stack.pop(this->batches));
  }
};

// Chains against single batches, and somebody who takes everything.
template <class Word>
class PopAll : public StackScenario<Word> {
 public:
  PopAll() {
    this->fill(1);
    this->made = 4;
  }
  size_t threads() const override { return 3; }
  void run(size_t thread) override {
    if (thread == 0) {
      this->batches.contents[2].set(20);
      this->batches.contents[3].set(30);
      this->batches.next(2).store(3, std::memory_order_relaxed);
      this->stack.push_chain(this->batches, 2, 3);
    } else if (thread == 1) {
      uint32_t index = this->stack.pop_all();
      while (index != 0) {
        const uint32_t next = this->batches.next(index).load(std::memory_order_relaxed);
        this->receive(index);
        index = next;
      }
    } else {
      this->push(4);
      this->receive(this->stack.pop(this->batches));
    }
  }
};

// One thread pops; meanwhile another pops two and pushes the first one back.
template <class Word>
class ComeBack : public StackScenario<Word> {
 public:
  ComeBack() { this->fill(3); }
  size_t threads() const override { return 2; }
  void run(size_t thread) override {
    if (thread == 0) {
      this->receive(this->stack.pop(this->batches));
      return;
    }
    const uint32_t first = this->stack.pop(this->batches);
    this->receive(this->stack.pop(this->batches));
    if (first != 0) this->stack.push(this->batches, first);
  }
};

constexpr Options kSequential{};
constexpr Options kBounded{.preemptions = 3, .spurious_failures = true};
constexpr Options kWeak{.memory = Memory::kWeak, .preemptions = 2, .stale_reads = 2};

using Shipped = ScheduledAtomic<uint64_t>;

template <class Scenario>
void expect_clean(const Options& options) {
  const model::Result result = model::explore<Scenario>(options);
  EXPECT_TRUE(result.complete) << result.report;
}

template <class Scenario>
void expect_found(const Options& options) {
  EXPECT_TRUE(model::explore<Scenario>(options).failed);
}

TEST(BatchStack, DeliversEachBatchOnce) {
  expect_clean<PushAndPop<Shipped>>(kBounded);
  expect_clean<PushAndPop<Shipped>>(kWeak);
}

TEST(BatchStack, DeliversWholeChainsOnce) {
  expect_clean<PopAll<Shipped>>(kBounded);
  expect_clean<PopAll<Shipped>>(kWeak);
}

TEST(BatchStack, IsNotFooledByABatchThatComesBack) {
  expect_clean<ComeBack<Shipped>>(kSequential);
  expect_clean<ComeBack<Shipped>>(kWeak);
}

TEST(BatchStack, NeedsItsTag) { expect_found<ComeBack<TaglessWord>>(kSequential); }

TEST(BatchStack, NeedsItsRelease) {
  expect_found<PushAndPop<WeakenedWord<std::memory_order_release>>>(kBounded);
}

TEST(BatchStack, NeedsItsAcquire) {
  expect_found<PushAndPop<WeakenedWord<std::memory_order_acquire>>>(kBounded);
  expect_found<PopAll<WeakenedWord<std::memory_order_acquire>>>(kBounded);
}

}  // namespace
