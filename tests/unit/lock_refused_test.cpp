#include <gtest/gtest.h>

#include "fake_os.h"
#include "platform/lock.h"

namespace {

using namespace tamari;

// One thread plays both: it waits for a lock that it holds, and lets it go while it "sleeps".
struct LockRefusedTest : testing::Test {
  LockRefusedTest() { lock.lock(); }
  ~LockRefusedTest() override { os::reset_fake(); }

  static inline Lock lock;
  static inline uint32_t waited_ms;  // by the last wait
  static inline uint32_t napped_ms;  // by all naps
};

TEST_F(LockRefusedTest, NapsWhereTheKernelDoesNotWait) {
  constexpr uint32_t kHeldMs = 5;
  constexpr int kMostWaits = 100;
  static int waits = 0;
  napped_ms = 0;
  os::g_fake.on_futex_wait = [](const void*, uint32_t, uint32_t) {
    if (++waits == kMostWaits) lock.unlock();
    return false;
  };
  os::g_fake.on_nap = [](uint32_t ms) {
    napped_ms += ms;
    if (napped_ms >= kHeldMs) lock.unlock();
  };
  lock.lock();
  EXPECT_EQ(napped_ms, kHeldMs);
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
}

// Whoever leaves the lock may be refused the call that wakes: no wait is for ever.
TEST_F(LockRefusedTest, OutlivesALostWakeUp) {
  constexpr uint32_t kPatienceMs = 1000;
  waited_ms = 0;
  napped_ms = 0;
  os::g_fake.on_futex_wait = [](const void*, uint32_t, uint32_t timeout_ms) {
    waited_ms = timeout_ms;
    lock.unlock();
    return true;
  };
  os::g_fake.on_nap = [](uint32_t ms) { napped_ms += ms; };
  lock.lock();
  EXPECT_GT(waited_ms, 0U);
  EXPECT_LE(waited_ms, kPatienceMs);
  EXPECT_EQ(napped_ms, 0U);
  lock.unlock();
}

}  // namespace
