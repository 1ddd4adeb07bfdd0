// A workload: one row of the table, one function that does the work and checks it.
#pragma once

#include <span>

namespace tamari::bench {

class Run;

struct Workload {
  const char* name;
  const char* description;
  void (*function)(Run&);
};

// Every workload, in the order of docs/workloads.md.
std::span<const Workload> workloads();

// Null if there is none of that name.
const Workload* find_workload(const char* name);

}  // namespace tamari::bench
