// What a suite of rows - workloads or real programs - has measured: every sample of every allocator
// on every row, and how it came about.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/arm_results.h"
#include "lab/contestants.h"
#include "lab/environment.h"

namespace tamari::lab {

struct SuiteRow {
  std::string name;
  std::string about;
  std::vector<std::string> command;  // what runs once a sample
  bool by_clock = false;             // lasts equally long for everyone: CPU time is its time
  bool same_checksum = true;         // whatever the order in which its threads run
  std::string series;                // of rows that differ in one number, empty: none
  double at = 0;                     // that number,
  std::string label;                 // and in words: "8 GiB"
};

struct RowRun : ArmSamples {
  SuiteRow row;
};

// A row that does not run, and why: "not installed: apt install redis-server".
struct MissingRow {
  std::string name;
  std::string reason;
};

enum class SuiteKind { kWorkloads, kLatency, kPrograms, kGrowth, kScaling };

struct SuiteReport {
  SuiteKind kind = SuiteKind::kWorkloads;
  std::string command;  // as it was typed
  std::string scale;
  Machine machine;
  Contestants contestants;
  std::vector<MissingRow> missing_rows;
  std::vector<RowRun> rows;
  std::size_t runs = 0;  // planned samples of each arm on each row
  std::size_t rounds_done = 0;
  std::uint64_t seed = 0;  // of the order of the arms

  bool partial() const { return rounds_done < runs; }
};

// Of values that a sample of the suite has beside those of every bench program.
inline constexpr char kCpu[] = "cpu_s";
inline constexpr char kCpuPerOp[] = "cpu_ns_per_op";
inline constexpr char kSettled1s[] = "rss_1s_kib";
inline constexpr char kSettled10s[] = "rss_10s_kib";
inline constexpr char kIntegral[] = "rss_mib_seconds";
inline constexpr char kVmas[] = "vmas";
inline constexpr char kWalk[] = "walk_ns";
inline constexpr char kChecksum[] = "checksum";

// The value that is the time of a row.
inline const char* time_key(const SuiteRow& row) { return row.by_clock ? kCpu : kSeconds; }

}  // namespace tamari::lab
