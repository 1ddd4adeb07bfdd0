// See contestants.h.
#include "lab/contestants.h"

#include <fmt/format.h>

#include <cstdio>

#include "lab/command_error.h"
#include "lab/installation.h"
#include "lab/preload.h"

namespace tamari::lab {
namespace {

void add_tamari(const ContestantChoice& choice, Peers& candidates) {
  const std::string settings = merge_settings("", choice.settings);
  const auto library = find_library(choice.library);
  if (!library) {
    if (!settings.empty()) require_library(choice.library);
    candidates.missing.push_back(
        {"tamari", fmt::format("build {} beside the command, or give --lib PATH", kLibraryName)});
    return;
  }
  if (!settings.empty()) check_settings(*library, settings);
  candidates.arms.insert(candidates.arms.begin(), tamari_arm(*library, settings));
}

}  // namespace

Contestants find_contestants(const ContestantChoice& choice) {
  Peers candidates = find_peers(choice.peers);
  add_tamari(choice, candidates);
  Contestants contestants;
  contestants.missing = candidates.missing;
  for (const Arm& arm : candidates.arms) admit(arm, contestants);
  return contestants;
}

void admit(const Arm& arm, Contestants& contestants) {
  const std::string problem = arm_problem(arm);
  if (problem.empty()) {
    contestants.arms.push_back(arm);
  } else {
    contestants.refused.push_back({arm.name, problem});
  }
}

void require_contestants(const Contestants& contestants) {
  for (const MissingPeer& peer : contestants.missing) {
    fmt::print(stderr, "note: {}\n", peer.words());
  }
  for (const RefusedArm& arm : contestants.refused) {
    fmt::print(stderr, "refused: {} does not own malloc: {}\n", arm.name, arm.reason);
  }
  if (contestants.arms.empty()) {
    throw CommandError(kHarness, "no allocator is left to be measured");
  }
}

}  // namespace tamari::lab
