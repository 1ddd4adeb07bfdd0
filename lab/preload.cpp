// See preload.h.
#include "lab/preload.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "lab/command_error.h"
#include "lab/installation.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr double kSelfCheckTimeout_s = 20;

Owners parse_owners(const std::string& output) {
  Owners owners;
  for (const std::string& line : split(output, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) owners[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return owners;
}

}  // namespace

std::string environment_value(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string merge_settings(const std::string& existing, const std::vector<std::string>& settings) {
  std::string merged = existing;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == 0 || equals == std::string::npos) {
      throw CommandError(
          kUsage,
          fmt::format("--set {}: give key=value; `tamari options` lists the keys", setting));
    }
    merged += (merged.empty() ? "" : ",") + setting;
  }
  return merged;
}

std::string merge_preload(const std::string& library, const std::string& existing) {
  if (library.find_first_of(" :") != std::string::npos) {
    throw CommandError(kUsage, fmt::format("{}: LD_PRELOAD cannot express a path with a space or "
                                           "colon; move the library, or give --lib another path",
                                           library));
  }
  return existing.empty() ? library : library + ":" + existing;
}

OwnersAnswer ask_owners(const std::vector<EnvironmentChange>& environment, const char* question) {
  ChildRequest request;
  request.argv = {self_path(), kSelfCheck, question};
  request.environment = environment;
  request.timeout_s = kSelfCheckTimeout_s;
  OwnersAnswer answer;
  answer.child = run_child(request);
  answer.owners = parse_owners(answer.child.out);
  return answer;
}

std::string ownership_problem(const Owners& owners, const FileIdentity& library,
                              bool operators_too) {
  if (owners.count("malloc") == 0) return "the ownership check printed nothing";
  for (const auto& [function, path] : owners) {
    const bool is_operator = function.rfind("operator", 0) == 0;
    if (is_operator && !operators_too) continue;
    if (identify(path) != library) {
      return fmt::format("{} comes from {}", function, path.empty() ? "nowhere" : path);
    }
  }
  return {};
}

void check_settings(const std::string& library, const std::string& settings) {
  const std::string strict = merge_settings(settings, {"strict=1"});
  const OwnersAnswer answer =
      ask_owners({{kPreloadVariable, merge_preload(library, "")}, {kSettingsVariable, strict}});
  std::fputs(answer.child.err.c_str(), stderr);
  if (answer.child.exit_status() == kBadSettingsStatus) {
    throw CommandError(kUsage, "the library refuses these settings; `tamari options` lists them");
  }
  if (const std::string failure = answer.child.failure(); !failure.empty()) {
    throw CommandError(kHarness, fmt::format("{} does not start: {}", library, failure));
  }
  const std::string problem = ownership_problem(answer.owners, identify(library).value(), true);
  if (!problem.empty()) {
    throw CommandError(kHarness, fmt::format("{} does not own malloc: {}", library, problem));
  }
}

}  // namespace tamari::lab
