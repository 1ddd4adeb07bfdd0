// The two variables that put the library under a program, and the questions asked of the library
// itself: are these settings right, and who owns malloc.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lab/child.h"
#include "lab/self_check.h"

namespace tamari::lab {

inline constexpr char kPreloadVariable[] = "LD_PRELOAD";
inline constexpr char kSettingsVariable[] = "TAMARI_CONF";
inline constexpr char kSettingsFile[] = "/etc/tamari.conf";

inline constexpr int kBadSettingsStatus =
    78;  // EX_CONFIG: what the library ends with under strict=1

// Comma-separated; later keys win in the library, so `existing` comes first. A setting that is not
// key=value is a CommandError.
std::string merge_settings(const std::string& existing, const std::vector<std::string>& settings);

// `library` first, then what was there. A path with a space or colon cannot be preloaded: a
// CommandError.
std::string merge_preload(const std::string& library, const std::string& existing);

// The value of a variable of this process, or nothing.
std::string environment_value(const char* name);

// Which file each function of the malloc family comes from.
using Owners = std::map<std::string, std::string>;

struct OwnersAnswer {
  Owners owners;
  ChildResult child;
};

// Runs `tamari self-check` under the given changes of the environment; `question`: kOwnerOption or
// kOwnersOption.
OwnersAnswer ask_owners(const std::vector<EnvironmentChange>& environment,
                        const char* question = kOwnerOption);

// Empty if every function in `owners` that must be the library's is: the C functions always, the
// operators if `operators_too`. Otherwise a sentence that names the first one that is not.
std::string ownership_problem(const Owners& owners, const FileIdentity& library,
                              bool operators_too);

// Lets the library judge the settings under strict=1. Its own lines go to stderr; a refusal, or a
// library that does not own malloc, is a CommandError.
void check_settings(const std::string& library, const std::string& settings);

}  // namespace tamari::lab
