// What `tamari doctor` has found: one finding a line, and the facts behind them.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/control_group.h"
#include "lab/preload.h"
#include "lab/run.h"

namespace tamari::lab {

enum class Health { kOk, kWarn, kFail };

struct Finding {
  Health health;
  std::string subject;
  std::string words;  // what, where, what to do
  int status = 0;     // of a fail: what the command ends with
};

struct Setting {
  std::string name;
  std::string value;
  std::string origin;
};

struct Diagnosis {
  std::vector<Finding> findings;
  std::string library;  // its file. Empty: unknown, as elsewhere here
  std::string version;
  std::string build_id;
  Owners owners;                              // in a child that was started under the library
  std::vector<Setting> settings;              // in force, and not by default
  std::map<std::string, std::string> values;  // of all settings
  std::string kernel;
  std::size_t os_page_bytes = 0;
  std::string huge_pages;
  GroupLimits limits;

  void ok(const std::string& subject, const std::string& words);
  void warn(const std::string& subject, const std::string& words);
  void fail(const std::string& subject, const std::string& words, int status);

  std::size_t count(Health health) const;
  // 0 without a fail, else that of the first one.
  int status() const;
};

// The file, who owns malloc in a child that runs under it, its settings, and whether programs that
// are started from here run under it already.
void examine_library(const RunOptions& options, Diagnosis& diagnosis);
// Whether the library can be preloaded into it.
void examine_program(const std::string& program, Diagnosis& diagnosis);
// Whether it runs under the library, or why not.
void examine_process(pid_t pid, Diagnosis& diagnosis);
// Kernel, OS pages, huge pages, control group; `process`: the folder in /proc that is asked for.
void examine_machine(const std::string& process, Diagnosis& diagnosis);
// A part of it: by `huge_pages` and `values` alone.
void judge_huge_pages(Diagnosis& diagnosis);

std::string diagnosis_as_text(const Diagnosis& diagnosis);
// Schema tamari.doctor/1.
std::string diagnosis_as_json(const Diagnosis& diagnosis);

}  // namespace tamari::lab
