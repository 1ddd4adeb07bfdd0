// See bench_programs.h. The scripts' side of the contract is told in bench/programs/driver.py.
#include "lab/suite/bench_programs.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "lab/child.h"
#include "lab/command_error.h"
#include "lab/elf_check.h"
#include "lab/installation.h"
#include "lab/preload.h"
#include "lab/suite/choose_rows.h"
#include "lab/suite/suite_output.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

namespace fs = std::filesystem;

constexpr SuiteDefaults kDefaults = {.runs = 5, .quick_runs = 3, .quick_scale = 0.1};
constexpr char kDriver[] = "programs/driver.py";
constexpr char kMissing[] = "missing: ";
constexpr double kInstallLimit_s = 1800;

// No script is a program: these are what the scripts import.
const std::vector<std::string> kModules = {"driver", "process", "compile"};

struct Program {
  SuiteRow row;  // its command starts the script, which takes one more word
  std::string missing_packages;
};

ChildResult run_script(const SuiteRow& row, const std::string& word, double timeout_s) {
  ChildRequest request;
  request.argv = row.command;
  request.argv.push_back(word);
  request.environment = {{kPreloadVariable, std::nullopt}};
  request.timeout_s = timeout_s;
  return run_child(request);
}

std::string require_python() {
  if (const auto python = find_program("python3")) return *python;
  throw CommandError(kHarness, "bench programs needs python3: apt install python3");
}

std::vector<SuiteRow> all_rows() {
  const std::string python = require_python();
  std::vector<SuiteRow> rows;
  for (const auto& entry :
       fs::directory_iterator(fs::path(require_bench(kDriver, "")).parent_path())) {
    const std::string name = entry.path().stem().string();
    const bool module = std::count(kModules.begin(), kModules.end(), name) != 0;
    if (entry.path().extension() != ".py" || module) continue;
    SuiteRow row;
    row.name = name;
    row.command = {python, entry.path().string()};
    rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(),
            [](const SuiteRow& a, const SuiteRow& b) { return a.name < b.name; });
  return rows;
}

// What the script says of itself.
Program describe(const SuiteRow& row) {
  constexpr double kLimit_s = 30;
  const ChildResult child = run_script(row, "about", kLimit_s);
  if (const std::string failure = child.failure(); !failure.empty()) {
    throw CommandError(kHarness, fmt::format("{} about: {}", join(row.command, " "), failure));
  }
  Program program{row, ""};
  for (const std::string& line : split(trim(child.out), '\n')) {
    if (line.rfind(kMissing, 0) == 0) {
      program.missing_packages = line.substr(sizeof kMissing - 1);
    } else {
      program.row.about = line;
    }
  }
  return program;
}

Program describe_and_install(const SuiteRow& row, bool install) {
  Program program = describe(row);
  if (!install || program.missing_packages.empty()) return program;
  fmt::print(stderr, "installing {}\n", program.missing_packages);
  const ChildResult child = run_script(row, "install", kInstallLimit_s);
  if (const std::string failure = child.failure(); !failure.empty()) {
    fmt::print(stderr, "note: {}: {}\n", program.missing_packages, failure);
  }
  return describe(row);
}

void add_program(const Program& program, SuiteReport& report) {
  if (!program.missing_packages.empty()) {
    report.missing_rows.push_back(
        {program.row.name, "not installed: apt install " + program.missing_packages});
    return;
  }
  RowRun run;
  run.row = program.row;
  run.row.command.emplace_back("run");
  report.rows.push_back(run);
}

// Where the scripts make their folders: those of a script that was killed go with it. A server that
// runs as a user of its own must be able to pass.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "tamari-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw CommandError(kHarness, fmt::format("cannot make the folder {}", name));
    }
    path_ = name;
    fs::permissions(path_, fs::perms(0711));
  }
  ~Scratch() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct SampleSetting {
  std::string scale;
  std::string folder;
  double timeout_s = 0;
};

// The script itself runs without the allocator, and puts it under the program. glibc is preloaded
// as well: a program may be linked with another allocator.
ChildRequest sample_request(const SuiteRow& row, const Arm& arm, const SampleSetting& setting) {
  ChildRequest request;
  request.argv = row.command;
  request.environment = arm.environment();
  std::erase_if(request.environment, [](const EnvironmentChange& change) {
    return change.name == kPreloadVariable || change.name == kSettingsVariable;
  });
  request.environment.insert(request.environment.end(),
                             {{kPreloadVariable, std::nullopt},
                              {kSettingsVariable, std::nullopt},
                              {"BENCH_PRELOAD", arm.preload.empty() ? arm.library : arm.preload},
                              {"BENCH_LIBRARY", arm.library},
                              {"BENCH_SETTINGS", arm.settings},
                              {"BENCH_SCALE", setting.scale},
                              {"TMPDIR", setting.folder}});
  request.timeout_s = setting.timeout_s;
  return request;
}

// The script has proved whose malloc the program calls.
Sample judge(const ChildResult& child, const Arm&) {
  Sample sample = make_sample(child);
  // A program that does one thing has no rate.
  if (sample.value("ops") == 1) {
    sample.values.erase("ops");
    sample.values.erase("ops/s");
  }
  return sample;
}

}  // namespace

int bench_programs(const ProgramsOptions& options) {
  std::vector<SuiteRow> all = all_rows();
  if (options.list) {
    for (SuiteRow& row : all) row = describe(row).row;
    print_rows(all);
    return kDone;
  }
  const std::vector<SuiteRow> rows = choose_rows(all, options.only, "program");
  SuiteReport report = prepare_report(SuiteKind::kPrograms, options, kDefaults);
  for (const SuiteRow& row : rows) add_program(describe_and_install(row, options.install), report);
  const Scratch scratch;
  const SampleSetting setting = {report.scale, scratch.path().string(), options.timeout_s};
  const Sampling sampling = {
      [&](const SuiteRow& row, const Arm& arm) { return sample_request(row, arm, setting); },
      judge};
  return conduct(sampling, options.output, report);
}

}  // namespace tamari::lab
