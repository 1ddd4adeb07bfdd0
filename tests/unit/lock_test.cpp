#include "platform/lock.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

using tamari::Lock;
using tamari::LockGuard;

TEST(Lock, LetsOneInAtATime) {
  Lock lock;
  uint64_t sum = 0;  // plain: a lost increment shows
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50000; ++i) {
        LockGuard guard(lock);
        ++sum;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 200000U);
}

TEST(Lock, TriesWithoutWaiting) {
  Lock lock;
  EXPECT_TRUE(lock.try_lock());
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
  EXPECT_TRUE(lock.try_lock());
}

TEST(Lock, WakesASleeper) {
  Lock lock;
  lock.lock();
  std::thread sleeper([&] { LockGuard guard(lock); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  lock.unlock();
  sleeper.join();
}

TEST(Lock, IsResetAfterAForkForThoseWhoAreGone) {
  Lock lock;
  EXPECT_FALSE(lock.reset_after_fork(tamari::Whose::kOthers));
  std::thread([&] { lock.lock(); }).join();
  EXPECT_FALSE(lock.is_mine());
  EXPECT_FALSE(lock.reset_after_fork(tamari::Whose::kMine));
  EXPECT_TRUE(lock.reset_after_fork(tamari::Whose::kOthers));
  EXPECT_TRUE(lock.try_lock());
}

TEST(Lock, StaysWithTheSurvivorOfAFork) {
  Lock lock;
  lock.lock();
  EXPECT_TRUE(lock.is_mine());
  EXPECT_FALSE(lock.reset_after_fork(tamari::Whose::kOthers));
  EXPECT_TRUE(lock.reset_after_fork(tamari::Whose::kMine));
  EXPECT_FALSE(lock.is_mine());
}

}  // namespace
