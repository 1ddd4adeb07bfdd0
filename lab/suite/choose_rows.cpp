// See choose_rows.h.
#include "lab/suite/choose_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lab/child.h"
#include "lab/command_error.h"
#include "lab/preload.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

// Their work is paced by sleeping, so they last as long under any allocator.
const std::set<std::string> kByTheClock = {"sawtooth"};
// Which worker meets a parcel decides which blocks it makes.
const std::set<std::string> kVaryingChecksum = {"never_free"};

}  // namespace

std::vector<SuiteRow> parse_row_list(const std::string& text) {
  std::vector<SuiteRow> rows;
  for (const std::string& line : split(text, '\n')) {
    const std::string words = trim(line);
    const std::size_t end = words.find(' ');
    if (words.empty() || end == std::string::npos) continue;
    SuiteRow row;
    row.name = words.substr(0, end);
    row.about = trim(words.substr(end));
    row.by_clock = kByTheClock.count(row.name) != 0;
    row.same_checksum = kVaryingChecksum.count(row.name) == 0;
    rows.push_back(row);
  }
  return rows;
}

SuiteRow place_in_series(const SuiteRow& series, double at, const std::string& label) {
  SuiteRow row;
  row.series = series.name;
  row.at = at;
  row.label = label;
  row.name = fmt::format("{} {}", series.name, label);
  row.about = series.about;
  return row;
}

std::vector<SuiteRow> listed_rows(const std::string& bench) {
  ChildRequest request;
  request.argv = {bench, "--list"};
  request.environment = {{kPreloadVariable, std::nullopt}};
  const ChildResult child = run_child(request);
  std::vector<SuiteRow> rows = parse_row_list(child.out);
  if (!child.failure().empty() || rows.empty()) {
    throw CommandError(kHarness, fmt::format("{} --list names nothing: {} {}", bench,
                                             child.failure(), trim(child.err)));
  }
  return rows;
}

std::vector<SuiteRow> choose_rows(const std::vector<SuiteRow>& rows,
                                  const std::vector<std::string>& names, const std::string& what) {
  if (names.empty()) return rows;
  std::vector<std::string> known;
  for (const SuiteRow& row : rows) known.push_back(row.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw CommandError(kUsage, fmt::format("no {} is called '{}'{} (--list shows them)", what, name,
                                           suggestion(name, known)));
  }
  std::vector<SuiteRow> chosen;
  for (const SuiteRow& row : rows) {
    if (std::find(names.begin(), names.end(), row.name) != names.end()) chosen.push_back(row);
  }
  return chosen;
}

void print_rows(const std::vector<SuiteRow>& rows) {
  for (const SuiteRow& row : rows) fmt::print("{:<18} {}\n", row.name, row.about);
}

}  // namespace tamari::lab
