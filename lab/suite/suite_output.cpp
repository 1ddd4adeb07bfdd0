// See suite_output.h.
#include "lab/suite/suite_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "lab/command_error.h"
#include "lab/files.h"
#include "lab/suite/growth_view.h"
#include "lab/suite/latency_view.h"
#include "lab/suite/report_json.h"
#include "lab/suite/scaling_view.h"
#include "lab/suite/view.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

// The command line of this process, as a shell would read it, without the folder of the program.
std::string typed_command() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!text.empty()) text.pop_back();  // each word ends with a zero
  std::vector<std::string> words = split(text, '\0');
  words.front() = words.front().substr(words.front().rfind('/') + 1);
  for (std::string& word : words) word = shell_quote(word);
  return join(words, " ");
}

// Returns why a file could not be written; nothing if all is well.
std::string write_files(const SuiteReport& report, const SuiteOutput& output) {
  if (output.html.empty() && output.save.empty()) return {};
  const SuiteFigures figures = figures_of(report);
  try {
    write_atomically(output.save, suite_json(report, figures) + "\n");
    write_atomically(output.html, page_text(document_of(report, figures)));
  } catch (const CommandError& error) {
    return error.what();
  }
  return {};
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

}  // namespace

Document document_of(const SuiteReport& report, const SuiteFigures& figures) {
  switch (report.kind) {
    case SuiteKind::kLatency:
      return latency_document(report, figures);
    case SuiteKind::kGrowth:
      return growth_document(report, figures);
    case SuiteKind::kScaling:
      return scaling_document(report, figures);
    case SuiteKind::kWorkloads:
    case SuiteKind::kPrograms:
      break;
  }
  return workloads_document(report, figures);
}

double scale_of(const SuiteChoice& choice, const SuiteDefaults& defaults) {
  return choice.scale.value_or(choice.quick ? defaults.quick_scale : 1);
}

SuiteReport prepare_report(SuiteKind kind, const SuiteChoice& choice,
                           const SuiteDefaults& defaults) {
  require_writable(choice.output.html);
  require_writable(choice.output.save);
  SuiteReport report;
  report.kind = kind;
  report.command = typed_command();
  report.scale = fmt::format("{:g}", scale_of(choice, defaults));
  report.runs = choice.runs.value_or(choice.quick ? defaults.quick_runs : defaults.runs);
  report.seed = choice.seed;
  report.contestants = find_contestants(choice.contestants);
  report.machine = describe_machine();
  return report;
}

int conduct(const Sampling& sampling, const SuiteOutput& output, SuiteReport& report) {
  require_contestants(report.contestants);
  catch_interrupts();
  const auto after_round = [&] {
    const std::string problem = report.partial() ? write_files(report, output) : "";
    if (!problem.empty()) fmt::print(stderr, "note: {}\n", problem);
  };
  run_rounds(sampling, after_round, report);
  const std::string problem = write_files(report, output);
  print_report(report, output);
  if (!problem.empty()) throw CommandError(kHarness, problem);
  return exit_status(report);
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

}  // namespace tamari::lab
