// See ready_workload.h.
#include "lab/experiment/ready_workload.h"

#include <fmt/format.h>

#include <filesystem>

#include "lab/command_error.h"
#include "lab/elf_check.h"
#include "lab/installation.h"

namespace tamari::lab {
namespace {

[[noreturn]] void refuse(const std::string& workload, const std::string& reason) {
  throw CommandError(kHarness, fmt::format("workload '{}': {}", workload, reason));
}

std::vector<std::string> words_of(const Workload& workload, std::uint64_t settle_ms) {
  if (!workload.lane) return workload.command;
  std::vector<std::string> words = {require_bench(workload.lane->program(), ""),
                                    fmt::format("--settle={}", settle_ms)};
  for (const std::string& argument : workload.lane->arguments()) words.push_back(argument);
  return words;
}

// Only the syntax: what the command needs is there when a sample has run.
void check_shell(const Workload& workload) {
  if (workload.check.empty()) return;
  ChildRequest request;
  request.argv = {"/bin/sh", "-n", "-c", workload.check};
  const std::string failure = run_child(request).failure();
  if (failure.empty()) return;
  refuse(workload.name,
         fmt::format("its check '{}' is no shell command: {}", workload.check, failure));
}

ReadyWorkload prepare(const Workload& workload, std::uint64_t settle_ms,
                      const std::vector<ReadyArm>& arms) {
  ReadyWorkload ready;
  ready.name = workload.name;
  ready.argv = words_of(workload, settle_ms);
  ready.is_lane = workload.lane.has_value();
  ready.check = workload.check;
  const std::string word = ready.argv.front();
  for (const ReadyArm& arm : arms) {
    const ProgramCheck check = check_program(word, arm.elf);
    if (check.refusal) {
      refuse(workload.name, fmt::format("{} (arm '{}')", check.refusal->reason, arm.name));
    }
    ready.argv.front() = check.path;
  }
  ready.program = facts_of(std::filesystem::canonical(ready.argv.front()).string());
  check_shell(workload);
  return ready;
}

}  // namespace

std::vector<ReadyWorkload> ready_workloads(const Plan& plan, const std::vector<ReadyArm>& arms) {
  std::vector<ReadyWorkload> ready;
  for (const Workload& workload : plan.workloads) {
    ready.push_back(prepare(workload, plan.settle_ms, arms));
  }
  return ready;
}

}  // namespace tamari::lab
