// See arms.h.
#include "lab/experiment/arms.h"

#include <fmt/format.h>

#include <filesystem>

#include "lab/command_error.h"
#include "lab/experiment/exit_statistics.h"
#include "lab/installation.h"
#include "lab/preload.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kGlibc[] = "glibc";
constexpr char kOwnSetting[] = "stats_at_exit=";

std::string library_path(const ArmSpec& spec) {
  if (spec.library == kGlibc) return find_peers(kGlibc).arms.front().library;
  if (spec.library.empty()) return require_library("");
  std::error_code error;
  const auto path = std::filesystem::canonical(spec.library, error);
  if (error) {
    throw CommandError(kHarness, fmt::format("{}: {}; give the path of a library, or {}",
                                             spec.library, error.message(), kGlibc));
  }
  return path.string();
}

ReadyArm describe(const ArmSpec& spec) {
  const std::string path = library_path(spec);
  const auto facts = read_elf(path);
  if (!facts) throw CommandError(kHarness, path + " is not a shared library");
  ReadyArm ready;
  ready.name = spec.name;
  ready.settings = spec.settings;
  ready.elf = *facts;
  ready.is_tamari = facts->is_tamari;
  ready.is_glibc = spec.library == kGlibc;
  ready.library = facts_of(path);
  ready.arm.name = spec.name;
  ready.arm.library = path;
  ready.arm.identity = identify(path).value();
  ready.arm.sha256 = ready.library.sha256;
  const std::string existing = environment_value(kPreloadVariable);
  ready.arm.preload = ready.is_glibc ? existing : merge_preload(path, existing);
  return ready;
}

// Empty, or why these settings cannot be given to this library.
std::string misplaced_settings(const ReadyArm& ready) {
  if (!ready.settings.empty() && !ready.is_tamari) {
    return fmt::format("{} is not a tamari and takes no settings such as {}", ready.library.path,
                       ready.settings.front());
  }
  for (const std::string& setting : ready.settings) {
    if (setting.rfind(kOwnSetting, 0) != 0) continue;
    return "stats_at_exit is how the laboratory reads the counters: leave it out";
  }
  return {};
}

// Empty, or what a child says against the arm.
std::string problem_in_child(const ReadyArm& ready, StatisticsFolder& statistics) {
  const OwnersAnswer answer = ask_owners(ready.environment({statistics.begin()}));
  const auto written = statistics.take(answer.child.pid);
  if (const std::string failure = answer.child.failure(); !failure.empty()) {
    return fmt::format("a program does not start with {}: {}", ready.library.path, failure);
  }
  // glibc has no operators of its own: libstdc++'s call its malloc.
  const std::string problem = ownership_problem(answer.owners, ready.arm.identity, !ready.is_glibc);
  if (!problem.empty()) {
    return fmt::format(
        "{} does not own malloc: {}; see that it is an allocator and that LD_PRELOAD "
        "holds no other",
        ready.library.path, problem);
  }
  if (!ready.is_tamari) return {};
  if (!written) return ready.library.path + " left no statistics when its process ended";
  return settings_problem(ready.settings, written->effective);
}

ReadyArm admit(const ArmSpec& spec, StatisticsFolder& statistics) {
  std::string problem;
  try {
    ReadyArm ready = describe(spec);
    problem = misplaced_settings(ready);
    if (problem.empty() && ready.is_tamari) {
      check_settings(ready.library.path, merge_settings("", ready.settings));
    }
    if (problem.empty()) problem = problem_in_child(ready, statistics);
    if (problem.empty()) return ready;
  } catch (const CommandError& error) {
    problem = error.what();
  }
  throw CommandError(kHarness, fmt::format("arm '{}': {}", spec.name, problem));
}

}  // namespace

FileFacts facts_of(const std::string& path) {
  const auto elf = read_elf(path);
  return {path, file_sha256(path), elf ? elf->build_id : ""};
}

std::vector<EnvironmentChange> ReadyArm::environment(
    const std::vector<std::string>& more_settings) const {
  Arm complete = arm;
  if (is_tamari) complete.settings = merge_settings(join(settings, ","), more_settings);
  return complete.environment();
}

std::vector<ReadyArm> ready_arms(const Plan& plan, StatisticsFolder& statistics) {
  std::vector<ReadyArm> arms;
  for (const ArmSpec& spec : plan.arms) arms.push_back(admit(spec, statistics));
  return arms;
}

}  // namespace tamari::lab
