// See publish.h.
#include "lab/experiment/publish.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <utility>

#include "lab/command_error.h"
#include "lab/experiment/report_html.h"
#include "lab/experiment/report_json.h"
#include "lab/experiment/report_junit.h"
#include "lab/experiment/report_markdown.h"
#include "lab/experiment/report_terminal.h"
#include "lab/experiment/schedule.h"
#include "lab/files.h"
#include "lab/table.h"

namespace tamari::lab {
namespace {

namespace fs = std::filesystem;

void write_everywhere(const std::string& in_folder, const std::string& wanted,
                      const std::string& text) {
  write_atomically(in_folder, text);
  write_atomically(wanted, text);
}

// The first option that asks for more than samples.
std::string report_wanted(const ReportFiles& files) {
  if (files.json) return "--json";
  if (!files.markdown.empty()) return "--md";
  if (!files.html.empty()) return "--html";
  return files.junit.empty() ? "" : "--junit";
}

void announce(const Plan& plan, const std::string& folder, bool on_stderr) {
  std::FILE* stream = on_stderr ? stderr : stdout;
  fmt::print(stream, "{}records and reports: {}\n", announcement(plan), folder);
  std::fflush(stream);
}

int publish(Experiment experiment, Judgement judgement, const std::string& folder,
            const ReportFiles& files, Conclude conclude) {
  const Conclusion conclusion = conclude(experiment, judgement);
  const Report report{std::move(experiment), std::move(judgement), conclusion};
  const std::string json = summary_json(report) + "\n";
  write_everywhere(folder + "/samples.tsv", files.tsv, to_tsv(report.experiment.records));
  write_everywhere(folder + "/summary.json", "", json);
  write_everywhere(folder + "/report.md", files.markdown, markdown_report(report));
  write_everywhere(folder + "/report.html", files.html, experiment_page(report));
  write_everywhere(folder + "/junit.xml", files.junit, junit_report(report));
  fmt::print("{}", files.json ? json : "\n" + terminal_report(report, colour_wanted()));
  if (!report.judgement.complete) {
    fmt::print(stderr, "note: not every planned block is there: --resume {} takes the rest\n",
               folder);
  }
  return report.conclusion.status;
}

}  // namespace

void require_writable(const ReportFiles& files) {
  for (const std::string& file : {files.tsv, files.markdown, files.html, files.junit}) {
    require_writable(file);
  }
}

std::string new_folder(const std::string& wanted, const std::string& prefix,
                       const std::string& command) {
  const std::string folder = wanted.empty() ? fmt::format("{}-{:%Y%m%d-%H%M%S}", prefix,
                                                          fmt::localtime(std::time(nullptr)))
                                            : wanted;
  std::error_code error;
  if (!fs::exists(fs::path(folder) / "plan.json", error)) return folder;
  throw CommandError(kHarness, fmt::format("{} holds an experiment already: continue it with "
                                           "`{} --resume {}`, or give another --out",
                                           folder, command, folder));
}

int carry_out(const Plan& plan, const std::string& folder, const ReportFiles& files,
              Conclude conclude) {
  require_writable(files);
  announce(plan, folder, files.json);
  Experiment experiment = run_experiment(plan, folder, {});
  Judgement judgement = judge(experiment.plan, experiment.records);
  return publish(std::move(experiment), std::move(judgement), folder, files, conclude);
}

int carry_out_shard(const Plan& plan, const std::string& folder, const Shard& shard,
                    const ReportFiles& files) {
  const std::string report = report_wanted(files);
  if (!report.empty()) {
    throw CommandError(kHarness, fmt::format("a shard is not judged, so it has no report: leave "
                                             "out {}, or give it to --merge",
                                             report));
  }
  require_writable(files);
  announce(plan, folder, false);
  const Experiment experiment = run_experiment(plan, folder, shard);
  write_everywhere(folder + "/samples.tsv", files.tsv, to_tsv(experiment.records));
  if (experiment.interrupted) return kInterrupted;
  const std::size_t missing = samples_missing(plan, experiment.records, shard);
  fmt::print("shard {} is {}: {} samples are in {}\n", shard_words(shard),
             missing == 0 ? "finished" : "not finished", experiment.records.size(), folder);
  return missing == 0 ? kEveryGateHeld : kUndecided;
}

int judge_folder(const std::string& folder, const ReportFiles& files, Conclude conclude) {
  require_writable(files);
  Experiment experiment = load_experiment(folder);
  Judgement judgement = judge(experiment.plan, experiment.records);
  return publish(std::move(experiment), std::move(judgement), folder, files, conclude);
}

int resume(const std::string& folder, const ReportFiles& files, Conclude conclude) {
  const Experiment experiment = load_experiment(folder);
  if (!experiment.shard.whole()) {
    return carry_out_shard(experiment.plan, folder, experiment.shard, files);
  }
  return judge(experiment.plan, experiment.records).complete
             ? judge_folder(folder, files, conclude)
             : carry_out(experiment.plan, folder, files, conclude);
}

}  // namespace tamari::lab
