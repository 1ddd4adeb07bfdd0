// Writes the page of a made-up suite, for a browser: write_suite_page suite|latency|growth|scaling
// FILE.
#include <map>
#include <string>

#include "lab/files.h"
#include "lab/suite/suite_output.h"
#include "tests/lab/suite/example_suite.h"

namespace {

// As many rows as a real suite has.
void repeat_rows(tamari::lab::SuiteReport& report) {
  const auto rows = report.rows;
  for (int copy = 2; copy <= 10; ++copy) {
    for (auto run : rows) {
      run.row.name += "_" + std::to_string(copy);
      report.rows.push_back(run);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tamari::lab;
  if (argc != 3) return 2;
  const std::map<std::string, SuiteReport (*)()> kinds = {{"suite", example_suite},
                                                          {"latency", example_latency},
                                                          {"growth", example_growth},
                                                          {"scaling", example_scaling}};
  const auto kind = kinds.find(argv[1]);
  if (kind == kinds.end()) return 2;
  SuiteReport report = kind->second();
  if (report.rows.front().row.series.empty()) repeat_rows(report);
  write_atomically(argv[2], page_text(document_of(report, figures_of(report))));
  return 0;
}
