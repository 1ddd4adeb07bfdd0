// See suite_output.h.
#include "lab/suite/suite_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "lab/command_error.h"
#include "lab/files.h"
#include "lab/suite/latency_view.h"
#include "lab/suite/report_json.h"
#include "lab/suite/view.h"
#include "lab/text.h"

namespace tamari::lab {

Document document_of(const SuiteReport& report, const SuiteFigures& figures) {
  return report.kind == SuiteKind::kLatency ? latency_document(report, figures)
                                            : suite_document(report, figures);
}

void require_writable(const SuiteOutput& output) {
  require_writable(output.html);
  require_writable(output.save);
}

void write_files(const SuiteReport& report, const SuiteOutput& output) {
  if (output.html.empty() && output.save.empty()) return;
  const SuiteFigures figures = figures_of(report);
  write_atomically(output.save, suite_json(report, figures) + "\n");
  write_atomically(output.html, page_text(document_of(report, figures)));
}

void print_report(const SuiteReport& report, const SuiteOutput& output) {
  const SuiteFigures figures = figures_of(report);
  if (output.json) {
    fmt::print("{}\n", suite_json(report, figures));
  } else if (output.markdown) {
    fmt::print("{}", markdown_text(document_of(report, figures)));
  } else {
    fmt::print("{}", terminal_text(document_of(report, figures), colour_wanted()));
  }
}

int exit_status(const SuiteReport& report) {
  if (report.partial()) return kInterrupted;
  const auto has_failure = [](const RowRun& run) {
    return std::any_of(run.samples.begin(), run.samples.end(),
                       [](const Sample& sample) { return !sample.good(); });
  };
  const bool failed = std::any_of(report.rows.begin(), report.rows.end(), has_failure);
  return failed || !report.contestants.refused.empty() ? kSampleFailed : kDone;
}

std::string typed_command() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!text.empty()) text.pop_back();  // each word ends with a zero
  std::vector<std::string> words = split(text, '\0');
  words.front() = words.front().substr(words.front().rfind('/') + 1);
  for (std::string& word : words) word = shell_quote(word);
  return join(words, " ");
}

}  // namespace tamari::lab
