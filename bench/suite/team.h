// Threads that do one job together.
#pragma once

#include <thread>
#include <vector>

namespace tamari::bench {

// Calls job(0), job(1) ... in threads of their own and waits for all of them.
template <typename Job>
void run_team(unsigned count, Job job) {
  std::vector<std::jthread> threads;
  threads.reserve(count);
  for (unsigned i = 0; i < count; ++i) threads.emplace_back([&job, i] { job(i); });
}

}  // namespace tamari::bench
