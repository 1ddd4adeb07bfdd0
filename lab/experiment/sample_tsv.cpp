// The table form of samples: see sample_record.h.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lab/experiment/sample_record.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

struct Column {
  const char* name;
  std::string (*cell)(const SampleRecord&);
};

std::string word(bool value) { return value ? "true" : "false"; }

std::string pairs(const std::map<std::string, std::string>& values) {
  std::vector<std::string> words;
  for (const auto& [key, value] : values) words.push_back(key + "=" + value);
  return join(words, ",");
}

std::string status(const SampleRecord& record) {
  return record.exit_status ? std::to_string(*record.exit_status) : "";
}

const std::vector<Column>& columns() {
  using Record = SampleRecord;
  static const std::vector<Column> kColumns = {
      {"machine", [](const Record& r) { return r.machine; }},
      {"stage", [](const Record& r) { return r.stage; }},
      {"workload", [](const Record& r) { return r.workload; }},
      {"block", [](const Record& r) { return std::to_string(r.block); }},
      {"group", [](const Record& r) { return std::to_string(r.group); }},
      {"slot", [](const Record& r) { return std::to_string(r.slot); }},
      {"index", [](const Record& r) { return std::to_string(r.index); }},
      {"arm", [](const Record& r) { return r.arm; }},
      {"started", [](const Record& r) { return r.started; }},
      {"resumed", [](const Record& r) { return word(r.resumed); }},
      {"library", [](const Record& r) { return r.library.path; }},
      {"library_sha256", [](const Record& r) { return r.library.sha256; }},
      {"library_build_id", [](const Record& r) { return r.library.build_id; }},
      {"program", [](const Record& r) { return r.program.path; }},
      {"program_sha256", [](const Record& r) { return r.program.sha256; }},
      {"program_build_id", [](const Record& r) { return r.program.build_id; }},
      {"settings", [](const Record& r) { return join(r.settings, ","); }},
      {"effective", [](const Record& r) { return pairs(r.effective); }},
      {"owns_malloc", [](const Record& r) { return word(r.owns_malloc); }},
      {"kernel", [](const Record& r) { return r.kernel; }},
      {"cpu_model", [](const Record& r) { return r.cpu_model; }},
      {"cpu_set", [](const Record& r) { return r.cpu_set; }},
      {"load_average", [](const Record& r) { return r.load_average; }},
      {"governor", [](const Record& r) { return r.governor; }},
      {"huge_pages", [](const Record& r) { return r.huge_pages; }},
      {"exit_status", status},
      {"failure", [](const Record& r) { return r.failure; }},
  };
  return kColumns;
}

std::string escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '\t':
        escaped += "\\t";
        break;
      case '\n':
        escaped += "\\n";
        break;
      case '\r':
        escaped += "\\r";
        break;
      case '\\':
        escaped += "\\\\";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

using Values = std::map<std::string, double>;

std::set<std::string> names_in(const std::vector<SampleRecord>& records,
                               Values SampleRecord::*values) {
  std::set<std::string> names;
  for (const SampleRecord& record : records) {
    for (const auto& [name, value] : record.*values) names.insert(name);
  }
  return names;
}

std::string cell(const Values& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? "" : fmt::format("{}", found->second);
}

std::vector<SampleRecord> in_order(std::vector<SampleRecord> records) {
  std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return std::tie(a.machine, a.index) < std::tie(b.machine, b.index);
  });
  return records;
}

}  // namespace

std::string to_tsv(const std::vector<SampleRecord>& records) {
  const auto metrics = names_in(records, &SampleRecord::metrics);
  const auto counters = names_in(records, &SampleRecord::counters);
  std::vector<std::string> cells;
  for (const Column& column : columns()) cells.emplace_back(column.name);
  for (const std::string& name : metrics) cells.push_back(escape(name));
  for (const std::string& name : counters) cells.push_back(escape("counter." + name));
  std::string table = join(cells, "\t") + "\n";
  for (const SampleRecord& record : in_order(records)) {
    cells.clear();
    for (const Column& column : columns()) cells.push_back(escape(column.cell(record)));
    for (const std::string& name : metrics) cells.push_back(cell(record.metrics, name));
    for (const std::string& name : counters) cells.push_back(cell(record.counters, name));
    table += join(cells, "\t") + "\n";
  }
  return table;
}

}  // namespace tamari::lab
