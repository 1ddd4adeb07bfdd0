// See diagnosis.h: the library, asked in children that do nothing else.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "lab/command_error.h"
#include "lab/doctor/diagnosis.h"
#include "lab/doctor/doctor.h"
#include "lab/elf_file.h"
#include "lab/experiment/exit_statistics.h"
#include "lab/installation.h"
#include "lab/snapshot.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kLibrary[] = "library";
constexpr char kOwnership[] = "ownership";
constexpr char kSettings[] = "settings";
constexpr char kHere[] = "here";

// The file; false if it cannot be asked anything.
bool examine_file(const std::string& given, Diagnosis& diagnosis) {
  std::string path;
  try {
    path = require_library(given);
  } catch (const CommandError& error) {
    diagnosis.fail(kLibrary, error.what(), kLibraryUnfit);
    return false;
  }
  const auto facts = read_elf(path);
  const auto self = read_elf(self_path());
  if (!facts || !facts->is_tamari) {
    diagnosis.fail(kLibrary, fmt::format("{} is not tamari's library: give another --lib", path),
                   kLibraryUnfit);
    return false;
  }
  if (facts->bits != self->bits || facts->machine != self->machine) {
    diagnosis.fail(kLibrary,
                   fmt::format("{} is {}-bit {}, this command is {}-bit {}: build it for this "
                               "machine",
                               path, facts->bits, machine_name(facts->machine), self->bits,
                               machine_name(self->machine)),
                   kLibraryUnfit);
    return false;
  }
  diagnosis.library = path;
  diagnosis.build_id = facts->build_id;
  return true;
}

// What the library says of entries that it does not take: "tamari: setting: ...".
std::vector<std::string> complaints_in(const std::string& messages) {
  constexpr std::string_view kStart = "tamari: setting: ";
  std::vector<std::string> complaints;
  for (const std::string& line : split(messages, '\n')) {
    if (line.starts_with(kStart)) complaints.push_back(line.substr(kStart.size()));
  }
  return complaints;
}

std::string origin_words(const std::string& name, const std::string& origin,
                         const RunOptions& options) {
  const auto names_it = [&name](const std::string& entry) { return entry.starts_with(name + "="); };
  if (std::ranges::any_of(options.settings, names_it)) return "--set";
  if (origin == "environment") return kSettingsVariable;
  return origin == "file" ? kSettingsFile : origin;
}

void add_settings(const Snapshot& snapshot, const RunOptions& options, Diagnosis& diagnosis) {
  diagnosis.version = snapshot.version;
  diagnosis.values = snapshot.settings;
  for (const auto& [name, origin] : snapshot.origins) {
    if (origin == "default") continue;
    diagnosis.settings.push_back(
        {name, snapshot.settings.at(name), origin_words(name, origin, options)});
  }
}

void judge_ownership(const OwnersAnswer& answer, bool strict_end, Diagnosis& diagnosis) {
  if (strict_end) return;  // before anything could be asked
  const std::string failure = answer.child.failure();
  if (!failure.empty()) {
    diagnosis.fail(kOwnership, fmt::format("a child under it does not start: {}", failure),
                   kLibraryUnfit);
    return;
  }
  const std::string problem =
      ownership_problem(answer.owners, identify(diagnosis.library).value(), true);
  if (!problem.empty()) {
    diagnosis.fail(kOwnership,
                   fmt::format("in a child that was started under it, {}: see that LD_PRELOAD and "
                               "/etc/ld.so.preload hold no other allocator",
                               problem),
                   kLibraryUnfit);
    return;
  }
  std::vector<std::string> names;
  for (const auto& [function, path] : answer.owners) names.push_back(function);
  diagnosis.ok(kOwnership,
               "in a child that was started under it, these are its own: " + join(names, ", "));
}

void judge_settings(const std::vector<std::string>& complaints, Diagnosis& diagnosis) {
  for (const std::string& complaint : complaints) {
    diagnosis.fail(kSettings, complaint, kSettingsBad);
  }
  for (const Setting& setting : diagnosis.settings) {
    diagnosis.ok(kSettings,
                 fmt::format("{}={}, from {}", setting.name, setting.value, setting.origin));
  }
  if (complaints.empty() && diagnosis.settings.empty()) {
    diagnosis.ok(kSettings, "all are the defaults; `tamari options` lists them");
  }
}

// As `tamari run` would start a program.
void ask_child(const RunOptions& options, Diagnosis& diagnosis) {
  const StatisticsFolder folder;
  const std::string settings =
      merge_settings(merge_settings(environment_value(kSettingsVariable), options.settings),
                     {"stats_at_exit=json:" + folder.file("%p.json")});
  const OwnersAnswer answer = ask_owners(
      {{kPreloadVariable, merge_preload(diagnosis.library, environment_value(kPreloadVariable))},
       {kSettingsVariable, settings}},
      kOwnersOption);
  diagnosis.owners = answer.owners;
  const std::string left = folder.file(fmt::format("{}.json", answer.child.pid));
  if (std::filesystem::exists(left)) add_settings(read_snapshot(left), options, diagnosis);
  diagnosis.ok(kLibrary, fmt::format("{}, version {}, build id {}", diagnosis.library,
                                     diagnosis.version.empty() ? "unknown" : diagnosis.version,
                                     diagnosis.build_id.empty() ? "none" : diagnosis.build_id));
  judge_ownership(answer, answer.child.exit_status() == kBadSettingsStatus, diagnosis);
  judge_settings(complaints_in(answer.child.err), diagnosis);
}

void examine_here(Diagnosis& diagnosis) {
  const OwnersAnswer answer = ask_owners({{kSettingsVariable, std::nullopt}});
  const auto owner = answer.owners.find("malloc");
  const std::string preload = environment_value(kPreloadVariable);
  if (owner == answer.owners.end()) {
    diagnosis.warn(kHere, fmt::format("a child with this environment says nothing: {}",
                                      answer.child.failure()));
  } else if (identify(owner->second) == identify(diagnosis.library)) {
    diagnosis.ok(kHere, "in force: programs that are started from this environment run under it");
  } else if (const auto elf = read_elf(owner->second); elf && elf->is_tamari) {
    diagnosis.warn(
        kHere,
        fmt::format("another file of tamari's is in force, {}: --lib asks of that", owner->second));
  } else if (preload.find(kLibraryStem) != std::string::npos) {
    diagnosis.warn(kHere, fmt::format("not in force, although LD_PRELOAD={}: malloc is that of {}; "
                                      "see that the file is there, or use `tamari run`",
                                      preload, owner->second));
  } else {
    diagnosis.ok(kHere, fmt::format("not in force without `tamari run`: malloc is that of {}",
                                    owner->second));
  }
}

}  // namespace

void examine_library(const RunOptions& options, Diagnosis& diagnosis) {
  if (!examine_file(options.library, diagnosis)) return;
  ask_child(options, diagnosis);
  examine_here(diagnosis);
}

}  // namespace tamari::lab
