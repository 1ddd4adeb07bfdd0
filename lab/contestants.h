// Who takes part in a comparison: tamari and the peers that were asked for, less those that are not
// installed and those whose library does not own malloc.
#pragma once

#include <string>
#include <vector>

#include "lab/peers.h"

namespace tamari::lab {

struct ContestantChoice {
  std::string peers = "auto";
  std::vector<std::string> settings;  // key=value, from --set, of tamari's arm
  std::string library;                // tamari's, empty: beside the command
};

// An arm that does not own malloc in its child never runs.
struct RefusedArm {
  std::string name;
  std::string reason;
};

struct Contestants {
  std::vector<Arm> arms;  // tamari first
  std::vector<RefusedArm> refused;
  std::vector<MissingPeer> missing;
};

// Asks each library, in a child, whether it owns malloc.
Contestants find_contestants(const ContestantChoice& choice);

// Proves one more arm and adds it to those that run or to those that are refused.
void admit(const Arm& arm, Contestants& contestants);

// Prints on stderr who does not take part; nobody left is a CommandError.
void require_contestants(const Contestants& contestants);

}  // namespace tamari::lab
