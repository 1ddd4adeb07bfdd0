// The arms of a comparison: tamari and the allocators installed on this machine, each with the
// environment that puts it under a program and the file that must then own malloc.
#pragma once

#include <string>
#include <vector>

#include "lab/child.h"

namespace tamari::lab {

struct Arm {
  std::string name;
  std::string library;   // owns malloc; for glibc the C library itself
  std::string preload;   // value of LD_PRELOAD, empty for glibc
  std::string settings;  // value of TAMARI_CONF, tamari's arm only
  FileIdentity identity;
  std::string sha256;  // of `library`

  bool is_tamari() const;
  std::vector<EnvironmentChange> environment() const;
};

// An allocator that cannot run here, and what would change that: "apt install libjemalloc2".
struct MissingPeer {
  std::string name;
  std::string advice;

  std::string words() const;
};

struct Peers {
  std::vector<Arm> arms;
  std::vector<MissingPeer> missing;
};

// The names that find_peers() knows, glibc among them, installed or not.
std::vector<std::string> peer_names();

// `choice`: "auto" (all that are installed), "none", or a comma-separated list of names and of
// NAME=PATH for any other library. An unknown name is a CommandError.
Peers find_peers(const std::string& choice);

Arm tamari_arm(const std::string& library, const std::string& settings);

// Proves in a child that the arm's library owns malloc; otherwise says what does.
std::string arm_problem(const Arm& arm);

// The sha256 of a file as hex, by sha256sum; empty if that is not installed.
std::string file_sha256(const std::string& path);

}  // namespace tamari::lab
