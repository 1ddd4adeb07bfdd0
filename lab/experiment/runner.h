// Carries a plan out in a folder, one fresh child per sample, and loses at most the sample in
// flight: every record is appended to samples.jsonl and synced before the next child starts.
//
//   DIR/plan.json       the plan (schema tamari.experiment/1), the machine, the identities
//   DIR/samples.jsonl   one record a line, failed samples too
//   DIR/logs/           standard error of samples that failed
//   DIR/summary.json, report.md, report.html, samples.tsv, junit.xml   written by the reports
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "lab/environment.h"
#include "lab/experiment/plan.h"
#include "lab/experiment/sample_record.h"
#include "lab/experiment/shard.h"

namespace tamari::lab {

// One sample to take.
struct Slot {
  std::size_t group = 0;
  std::size_t slot = 0;
  std::size_t arm = 0;  // index into Plan::arms
};

// The samples of one block in order: a function of (plan, stage, workload, block) and the seed
// only, so that a resumed or sharded run takes the same ones. `arms` are the variants that take
// part; the base and the A/A arm always do.
std::vector<Slot> block_slots(const Plan& plan, std::size_t stage, std::size_t workload,
                              std::size_t block, const std::vector<std::string>& arms);

struct Experiment {
  Plan plan;
  Machine machine;
  std::string machine_id;
  std::vector<SampleRecord> records;
  std::vector<std::string> sessions;  // start times; more than one: it was resumed
  bool interrupted = false;           // the last session did not come to its end
  Shard shard;                        // the part that the folder was made for
  std::size_t joined = 1;             // shards that were joined into it
};

// Reads a folder written by `run_experiment`; a torn last line is dropped and said on stderr.
Experiment load_experiment(const std::string& folder);

// Refuses (CommandError) before the first sample: an arm whose library does not own malloc, a
// setting that the library refuses, a program that cannot be preloaded, a full or unwritable disk.
// Ends likewise after the first sample if the base fails or does not print what a gate is on.
// `folder` may hold a partial run of the same plan: it is continued. Progress goes to stderr.
Experiment run_experiment(const Plan& plan, const std::string& folder, const Shard& shard);

}  // namespace tamari::lab
