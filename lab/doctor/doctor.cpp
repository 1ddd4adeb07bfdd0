// See doctor.h.
#include "lab/doctor/doctor.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/command_error.h"
#include "lab/doctor/diagnosis.h"
#include "lab/elf_check.h"
#include "lab/installation.h"

namespace tamari::lab {
namespace {

constexpr char kProgram[] = "program";

int status_of(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::kNotFound:
      return kNotFound;
    case Obstacle::kNotRunnable:
      return kNotRunnable;
    case Obstacle::kPrivileged:
      return kProgramPrivileged;
    case Obstacle::kOtherMachine:
      return kProgramOtherMachine;
    case Obstacle::kStatic:
      return kProgramStatic;
    case Obstacle::kSanitizer:
      return kProgramSanitizer;
    case Obstacle::kOwnMalloc:
      return kProgramOwnMalloc;
  }
  return kHarness;
}

}  // namespace

void Diagnosis::ok(const std::string& subject, const std::string& words) {
  findings.push_back({Health::kOk, subject, words});
}

void Diagnosis::warn(const std::string& subject, const std::string& words) {
  findings.push_back({Health::kWarn, subject, words});
}

void Diagnosis::fail(const std::string& subject, const std::string& words, int status) {
  findings.push_back({Health::kFail, subject, words, status});
}

std::size_t Diagnosis::count(Health health) const {
  return static_cast<std::size_t>(std::ranges::count(findings, health, &Finding::health));
}

int Diagnosis::status() const {
  const auto failed = std::ranges::find(findings, Health::kFail, &Finding::health);
  return failed == findings.end() ? int{kDone} : failed->status;
}

void examine_program(const std::string& program, Diagnosis& diagnosis) {
  // Without a library, this command stands for it: it is of the same machine.
  const auto library = read_elf(diagnosis.library.empty() ? self_path() : diagnosis.library);
  const ProgramCheck check = check_program(program, library.value());
  if (check.refusal) {
    diagnosis.fail(kProgram, check.refusal->reason, status_of(check.refusal->obstacle));
  } else {
    diagnosis.ok(kProgram,
                 fmt::format("{}: nothing in it keeps a preload out; `tamari run` starts it so",
                             check.path));
  }
}

int doctor(const DoctorOptions& options) {
  Diagnosis diagnosis;
  if (options.process) {
    examine_process(*options.process, diagnosis);
    examine_machine(fmt::format("/proc/{}", *options.process), diagnosis);
  } else {
    examine_library(options.run, diagnosis);
    examine_machine("/proc/self", diagnosis);
    if (!options.run.command.empty()) examine_program(options.run.command.front(), diagnosis);
  }
  fmt::print("{}", options.json ? diagnosis_as_json(diagnosis) : diagnosis_as_text(diagnosis));
  return diagnosis.status();
}

}  // namespace tamari::lab
