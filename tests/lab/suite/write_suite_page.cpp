// Writes the page of the made-up suite, for a browser: write_suite_page suite FILE.
#include <string>

#include "lab/files.h"
#include "lab/suite/view.h"
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
  if (argc != 3 || std::string(argv[1]) != "suite") return 2;
  SuiteReport report = example_suite();
  repeat_rows(report);
  write_atomically(argv[2], page_text(suite_document(report, figures_of(report))));
  return 0;
}
