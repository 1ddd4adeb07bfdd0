// The quarantine of one thread's own (heap/quarantine.h): its thread exchanges blocks without an
// atomic exchange while a stranger takes out what waits. Whatever the order, each block comes out
// once. (One stranger: to HandlerGuard the model's threads are one, as their thread-local memory
// is.)
#include "heap/quarantine.h"

#include <gtest/gtest.h>

#include <array>

#include "config/size_classes.h"
#include "fake_os.h"
#include "scheduled_atomic.h"

namespace {

using model::Memory;
using model::Options;
using tamari::Access;
using tamari::Quarantine;
using tamari::Waiting;

// One block more than it has room for.
const size_t kClass = tamari::class_of_size(Quarantine::kMostBytes / 2);
constexpr size_t kBlocks = 3;

constexpr uintptr_t kStart = 0x7f0000000000;

Waiting waiting(size_t index) {
  return {reinterpret_cast<const void*>(kStart + index * 16), kClass};
}
size_t index_of(Waiting one) { return (reinterpret_cast<uintptr_t>(one.block()) - kStart) / 16; }

enum class Barrier { kWorks, kDoesNothing, kRefused };

// The first block waits already; the others come.
class TakenWhileOthersCome : public model::Scenario {
 public:
  explicit TakenWhileOthersCome(Barrier barrier) {
    tamari::os::g_fake.has_barrier = barrier != Barrier::kRefused;
    tamari::os::g_fake.on_barrier =
        barrier == Barrier::kWorks ? model::barrier_all_threads : nullptr;
    exchange(0);
  }
  ~TakenWhileOthersCome() override { tamari::os::reset_fake(); }

  size_t threads() const override { return 2; }
  void run(size_t thread) override {
    if (thread == 1) {
      take(Access::kStranger);
      take(Access::kStranger);
      return;
    }
    for (size_t i = 1; i < kBlocks; ++i) exchange(i);
  }
  void finish() override {
    take(Access::kOwn);
    for (const size_t times : came_out_) model::check(times == 1, "a block is lost, or out twice");
    model::check(quarantine_.bytes() == 0, "bytes wait that no block has");
  }

 private:
  void exchange(size_t index) { note(quarantine_.exchange(waiting(index), Access::kOwn)); }
  void take(Access access) {
    quarantine_.for_each(access, true, [&](Waiting one) {
      between_.load(std::memory_order_relaxed);  // others may run before it is forgotten
      note(one);
      return true;
    });
  }
  void note(Waiting one) {
    if (one) ++came_out_[index_of(one)];
  }

  Quarantine quarantine_;
  model::ScheduledAtomic<int> between_{0};
  std::array<size_t, kBlocks> came_out_{};
};

constexpr Options kSequential{.preemptions = 4};
constexpr Options kWeak{.memory = Memory::kWeak, .preemptions = 3, .stale_reads = 2};

void expect_clean(Barrier barrier) {
  for (const Options& options : {kSequential, kWeak}) {
    const model::Result result = model::explore<TakenWhileOthersCome>(options, barrier);
    EXPECT_TRUE(result.complete) << result.report;
  }
}

TEST(Quarantine, LetsEachBlockOutOnce) { expect_clean(Barrier::kWorks); }

TEST(Quarantine, IsLeftAloneWhereThereIsNoBarrier) { expect_clean(Barrier::kRefused); }

// On sequential memory it would do nothing.
TEST(Quarantine, NeedsTheBarrier) {
  EXPECT_TRUE(model::explore<TakenWhileOthersCome>(kWeak, Barrier::kDoesNothing).failed);
}

}  // namespace
