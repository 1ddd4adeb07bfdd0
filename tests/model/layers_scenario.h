// layers_scenario.h - a scenario over a world of its own: the shipped layers below heap, whose
// every atomic, lock, futex and barrier is the scheduler's.
#pragma once

#include <list>
#include <memory>

#include "model_lock.h"
#include "payload.h"
#include "scheduled_atomic.h"
#include "world.h"

namespace model {

class LayersScenario : public Scenario {
 protected:
  LayersScenario() {
    check_start(world.start());
    tamari::os::g_fake.on_barrier = barrier_all_threads;
    tamari::os::g_fake.on_futex_wait = futex_wait;
    tamari::os::g_fake.on_futex_wake = futex_wake;
    sleepers().clear();
  }

  // A page map and a window are too big for a member of each execution's object.
  tamari::World world;

 private:
  struct Sleeper {
    const void* word;
    bool awake = false;
  };
  static std::list<Sleeper>& sleepers() {
    static std::list<Sleeper> all;
    return all;
  }
  static void check_start(bool started) {
    if (!started) __builtin_trap();
  }

  // Sleeps only if the word is as expected, and then until woken: no timeout helps a lost wake-up,
  // which is a deadlock.
  static bool futex_wait(const void* word, uint32_t expected, uint32_t) {
    if (!is_running()) return true;
    wait_until([] { return true; });
    if (*static_cast<const uint32_t*>(word) != expected) return true;
    Sleeper& self = sleepers().emplace_back(Sleeper{word});
    wait_until([&] { return self.awake; });
    return true;
  }
  static void futex_wake(const void* word, int count) {
    for (Sleeper& sleeper : sleepers()) {
      if (sleeper.word != word || sleeper.awake || count-- <= 0) continue;
      sleeper.awake = true;
    }
  }
};

}  // namespace model
