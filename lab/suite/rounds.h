// Runs a suite in rounds: each round takes one sample of every arm on every row, in a seeded random
// order of the arms, each in a fresh process.
#pragma once

#include <functional>

#include "lab/child.h"
#include "lab/suite/suite_report.h"

namespace tamari::lab {

// How one sample is taken: the child, and what is made of it.
struct Sampling {
  std::function<ChildRequest(const SuiteRow&, const Arm&)> request;
  std::function<Sample(const ChildResult&, const Arm&)> judge;
};

// Of a program that prints its figures and runs under the arm itself.
Sampling program_sampling(double timeout_s);

// Calls `after_round` when a round is whole. Stops within the sample during which the user
// interrupts; that one is not recorded.
void run_rounds(const Sampling& sampling, const std::function<void()>& after_round,
                SuiteReport& report);

// Adds what follows from the values of one sample: CPU seconds, CPU time an operation.
void add_derived_values(Sample& sample);

// All arms do the same work, so, but for rows that say otherwise, their checksums are equal: the
// samples of one row whose checksum is not that of the most lose their figures. Where two checksums
// are as frequent, nobody knows which is right, and all lose them.
void refuse_odd_checksums(RowRun& run);

}  // namespace tamari::lab
