// What mutants asked for, on the scheduler (tests/model/scheduler.h): memory orders that no other
// scenario needs.
#include <gtest/gtest.h>

#include "layers_scenario.h"

namespace {

using tamari::Batch;
using tamari::Owner;

constexpr size_t kClass = 3;

// A push while a stranger looks whether there was one. What the stranger does not find, the flag
// must still tell of.
class PushWhileAStrangerLooks : public model::LayersScenario {
 public:
  explicit PushWhileAStrangerLooks(bool puts_back) : puts_back_(puts_back) {
    owner_ = world.owners.attach(world.shared);
    batch_ = world.shared.batches.acquire(0);
    batch_->count = 1;
  }
  size_t threads() const override { return 2; }
  void run(size_t thread) override {
    if (thread == 1) {
      look();
    } else if (puts_back_) {
      owner_->stash_put_back(world.shared.batches, kClass, batch_);
    } else {
      owner_->stash_push(world.shared.batches, kClass, batch_, SIZE_MAX, INT64_MAX);
    }
  }
  void finish() override {
    look();
    model::check(found_, "a batch waits of which nobody is told");
  }

 private:
  void look() {
    if (owner_->stash_take_touched() && owner_->stash_pop(world.shared.batches, kClass) == batch_)
      found_ = true;
  }

  bool puts_back_;
  bool found_ = false;
  Owner* owner_;
  Batch* batch_;
};

TEST(ModelGaps, TheFlagTellsOfEveryPush) {
  for (const bool puts_back : {false, true}) {
    for (const model::Memory memory : {model::Memory::kSequential, model::Memory::kWeak}) {
      const model::Result result =
          model::explore<PushWhileAStrangerLooks>(model::Options{.memory = memory}, puts_back);
      EXPECT_TRUE(result.complete) << result.report;
    }
  }
}

}  // namespace
