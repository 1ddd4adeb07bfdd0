// One sample as it is kept for ever: where it stands in the experiment, what ran, and what came
// out. A record is complete in itself, so that another person can recompute every figure from the
// file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tamari::lab {

// What ran, by content. Empty strings are unknown.
struct FileFacts {
  std::string path;
  std::string sha256;
  std::string build_id;
};

// The stage of the first, unjudged sample of each arm on each workload.
inline constexpr char kWarmUp[] = "warm-up";

struct SampleRecord {
  // Its place. Samples are compared only within one (machine, stage, workload, block, group).
  std::string machine;  // id of the machine, equal for all samples taken on it
  std::string stage;
  std::string workload;
  std::size_t block = 0;  // from 0, counted per stage and workload
  std::size_t group = 0;  // within the block: the pair under Order::kAbba, 0 under kLatin
  std::size_t slot = 0;   // within the group, from 0, in time order
  std::size_t index = 0;  // in the whole experiment on this machine, in time order
  std::string arm;
  std::string started;   // UTC, ISO 8601 with milliseconds
  bool resumed = false;  // taken by a session that continued an earlier one

  // What ran.
  FileFacts library;  // that owns malloc
  FileFacts program;
  std::vector<std::string> settings;             // asked for
  std::map<std::string, std::string> effective;  // read back from the child, tamari's arms only
  // The child was seen to have mapped the arm's library, or left its statistics; or it was gone
  // before it could be seen, and another run of the same command loaded the library.
  bool owns_malloc = false;

  // Around it.
  std::string kernel;
  std::string cpu_model;
  std::string cpu_set;
  std::string load_average;
  std::string governor;
  std::string huge_pages;

  // What came out. A value that is not there is unknown, never 0.
  std::optional<int> exit_status;  // none: ended by a signal or not started
  std::string failure;             // empty: the sample counts
  std::map<std::string, double> metrics;
  std::map<std::string, double> counters;  // of tamari's snapshot at exit

  bool good() const { return failure.empty(); }
};

std::string to_json_line(const SampleRecord& record);  // no newline in it
// Throws CommandError if it is not such a line.
SampleRecord record_from_json_line(const std::string& line);

// Every record of the same columns, sorted by (machine, index); an unknown value is an empty cell.
// First the fields of the record by their names, then every metric by its own, then every counter
// as counter.NAME. Tabs, newlines and backslashes within a cell are written \t, \n, \r, \\.
std::string to_tsv(const std::vector<SampleRecord>& records);

}  // namespace tamari::lab
