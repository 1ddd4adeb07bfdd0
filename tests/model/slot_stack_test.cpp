// The steal protocol of thread/slot_stack.h: one thread pops and pushes without a fence while a
// stranger empties its array. Whatever the order, each pointer ends in one place: with the thread,
// with the stranger, or in the array.
#include "thread/slot_stack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "model_lock.h"
#include "scheduled_atomic.h"

namespace {

using model::Memory;
using model::Options;
using Slot = model::ScheduledAtomic<void*>;
using Top = model::ScheduledAtomic<Slot*>;
using Stack = tamari::SlotStack<Slot, Top>;

enum class Bug {
  kShipped,
  kNone,  // of the copy of settle() below
  kNoBelowTest,
  kNoNullTest,
  kNoPuttingBack,
  kPutBackBlindly,
  kNoBarriers,
  kNoFirstBarrier,
  kNoSecondBarrier,
  kSlotBeforeTop,  // of the pop
  kNotUndone,
};

constexpr size_t kSlots = 8;

// The stranger's private array: no steps of its own.
struct PlainOut {
  void* value = nullptr;
  void store(void* v, std::memory_order) { value = v; }
  void* load(std::memory_order) const { return value; }
};

void* pointer(size_t number) { return reinterpret_cast<void*>(number * 16); }

// settle() with one of its steps left out or done badly.
size_t settle_with_bug(Bug bug, Slot* top, Slot* slots, PlainOut* taken, size_t looked_at) {
  const auto filled = top - slots;
  size_t ours = 0;
  for (size_t i = 0; i < looked_at; ++i) {
    void* block = taken[i].value;
    const auto place = static_cast<ptrdiff_t>(i);
    const bool doubtful = place >= filled && bug != Bug::kNoPuttingBack;
    void* null = nullptr;
    if (doubtful && block != nullptr && bug == Bug::kPutBackBlindly) {
      slots[i].store(block, std::memory_order_relaxed);
    } else if (doubtful && block != nullptr && bug != Bug::kNoBelowTest) {
      slots[i].compare_exchange_strong(null, block, std::memory_order_relaxed);
    }
    const bool below = bug == Bug::kNoBelowTest || place < filled;
    const bool taken_by_us =
        bug == Bug::kNoNullTest || slots[i].load(std::memory_order_relaxed) == nullptr;
    if (block != nullptr && below && taken_by_us) taken[ours++].value = block;
  }
  return ours;
}

// `program`: '-' pops; '+' pushes what it popped last, or a pointer never seen before if it has
// none; '*' pushes a pointer never seen before.
class Steal : public model::Scenario {
 public:
  Steal(size_t filled, std::string program, Bug bug, int steals)
      : filled_(filled), fresh_(filled), program_(std::move(program)), bug_(bug), steals_(steals) {
    slots_ = &array_[1];
    for (size_t i = 0; i < filled; ++i) slots_[i].store(pointer(i + 1));
    tops_[0].store(slots_ + filled);
  }

  size_t threads() const override { return 2; }

  void run(size_t thread) override {
    if (thread == 0) return work();
    for (int i = 0; i < steals_; ++i) steal();
  }

  void finish() override {
    const size_t kept = Stack::compact(tops_[0], slots_);
    std::vector<void*> all = popped_;
    all.insert(all.end(), stolen_.begin(), stolen_.end());
    for (size_t i = 0; i < kept; ++i) all.push_back(slots_[i].load());
    std::sort(all.begin(), all.end());
    const bool twice = std::adjacent_find(all.begin(), all.end()) != all.end();
    model::check(!twice, "a pointer was handed out twice");
    model::check(all.size() == fresh_, "a pointer is lost");
    if (program_.empty()) model::check(kept == 0, "a sleeping thread keeps something");
  }

 private:
  void* pop() {
    if (bug_ != Bug::kSlotBeforeTop && bug_ != Bug::kNotUndone) return Stack::pop(tops_, 0);
    Slot* at = tops_[0].load(std::memory_order_relaxed) - 1;
    if (bug_ == Bug::kNotUndone) tops_[0].store(at, std::memory_order_relaxed);
    void* block = at->load(std::memory_order_relaxed);
    if (bug_ == Bug::kSlotBeforeTop && block != nullptr)
      tops_[0].store(at, std::memory_order_relaxed);
    return block;
  }

  void work() {
    for (char operation : program_) {
      if (operation == '-') {
        void* block = pop();
        if (block == nullptr) {  // the slow path: it waits for the stranger's lock and compacts
          lock_.lock();
          Stack::compact(tops_[0], slots_);
          block = Stack::pop(tops_, 0);
          lock_.unlock();
        }
        if (block != nullptr) popped_.push_back(block);
      } else {
        const bool fresh = operation == '*' || popped_.empty();
        void* block = fresh ? pointer(++fresh_) : popped_.back();
        if (!fresh) popped_.pop_back();
        Stack::push(tops_[0], tops_[0].load(std::memory_order_relaxed), block);
      }
    }
  }

  void steal() {
    if (!lock_.try_lock()) return;
    const size_t looked_at = Stack::mark(tops_[0], slots_, taken_);
    if (bug_ != Bug::kNoBarriers && bug_ != Bug::kNoFirstBarrier) model::barrier_all_threads();
    Slot* top = Stack::look(tops_[0]);
    if (bug_ != Bug::kNoBarriers && bug_ != Bug::kNoSecondBarrier) model::barrier_all_threads();
    const size_t ours = bug_ == Bug::kShipped
                            ? Stack::settle(top, slots_, taken_, looked_at)
                            : settle_with_bug(bug_, top, slots_, taken_, looked_at);
    for (size_t i = 0; i < ours; ++i) stolen_.push_back(taken_[i].value);
    lock_.unlock();
  }

  size_t filled_, fresh_;
  std::string program_;
  Bug bug_;
  int steals_;
  Slot array_[1 + kSlots];  // the floor first
  Slot* slots_;
  Top tops_[1];
  PlainOut taken_[kSlots];
  std::vector<void*> stolen_;
  model::ModelLock lock_;
  std::vector<void*> popped_;
};

const char* const kPrograms[] = {"",     "--",    "--+-",  "++-",   "-+-++", "-+--",
                                 "+--+", "---++", "+-+-+", "--++-", "--*-"};

// Each program on arrays of 1 to 4 pointers, until one fails.
model::Result all_programs(const Options& options, Bug bug) {
  model::Result result;
  uint64_t executions = 0;
  for (size_t filled : {1, 2, 3, 4}) {
    for (const char* program : kPrograms) {
      result = model::explore<Steal>(options, filled, std::string(program), bug, 1);
      executions += result.executions;
      result.executions = executions;
      result.report = std::to_string(filled) + " pointers, " + program + ": " + result.report;
      if (!result.complete) return result;
    }
  }
  return result;
}
// On sequential memory, then with store buffers and worse.
constexpr Options kSequential{.preemptions = 4};
constexpr Options kWeak{.memory = Memory::kWeak, .preemptions = 2, .stale_reads = 2};

void expect_clean(Bug bug) {
  for (const Options& options : {kSequential, kWeak}) {
    const model::Result result = all_programs(options, bug);
    EXPECT_TRUE(result.complete) << result.report;
  }
}

void expect_found(const Options& options, Bug bug) {
  EXPECT_TRUE(all_programs(options, bug).failed) << "seeded bug " << static_cast<int>(bug);
}

TEST(SlotStack, KeepsEachPointerOnce) { expect_clean(Bug::kShipped); }

// The second may begin while a pop that the first one met is still to read its slot.
TEST(SlotStack, TwoStealsKeepEachPointerOnce) {
  for (const Options& options : {kSequential, kWeak}) {
    for (const char* program : {"--+-", "-+-+"}) {
      const model::Result result =
          model::explore<Steal>(options, size_t{2}, std::string(program), Bug::kShipped, 2);
      EXPECT_TRUE(result.complete) << program << ": " << result.report;
    }
  }
}

// Seeded bugs of settle() are changes of this copy: without a change it must be clean.
TEST(SlotStack, CopyForSeededBugsIsClean) { expect_clean(Bug::kNone); }

TEST(SlotStack, FindsSettleWithoutTheBelowTest) {
  expect_found(kSequential, Bug::kNoBelowTest);
  expect_found(kWeak, Bug::kNoBelowTest);
}

TEST(SlotStack, FindsSettleWithoutTheNullTest) {
  expect_found(kSequential, Bug::kNoNullTest);
  expect_found(kWeak, Bug::kNoNullTest);
}

TEST(SlotStack, FindsPointersThatAreNotPutBack) { expect_found(kSequential, Bug::kNoPuttingBack); }

TEST(SlotStack, FindsPuttingBackOverAPush) { expect_found(kSequential, Bug::kPutBackBlindly); }

TEST(SlotStack, FindsAPopThatReadsItsSlotBeforeItLowersTheTop) {
  expect_found(kSequential, Bug::kSlotBeforeTop);
}

TEST(SlotStack, FindsAPopThatIsNotUndone) { expect_found(kSequential, Bug::kNotUndone); }

// On sequential memory the barriers do nothing; each is needed on real machines.
TEST(SlotStack, FindsMissingBarriers) {
  expect_found(kWeak, Bug::kNoBarriers);
  expect_found(kWeak, Bug::kNoFirstBarrier);
  expect_found(kWeak, Bug::kNoSecondBarrier);
}

}  // namespace
