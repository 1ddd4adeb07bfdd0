// See ab.h: what --arm means.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "lab/ab.h"
#include "lab/command_error.h"
#include "lab/peers.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kTamari[] = "tamari";
constexpr char kGlibc[] = "glibc";

template <typename... Parts>
[[noreturn]] void refuse(fmt::format_string<Parts...> text, Parts&&... parts) {
  throw CommandError(kHarness, fmt::format(text, std::forward<Parts>(parts)...));
}

bool is_peer(const std::string& word) {
  const auto names = peer_names();
  return std::find(names.begin(), names.end(), word) != names.end();
}

std::string peer_library(const std::string& name) {
  if (name == kGlibc) return kGlibc;
  const Peers peers = find_peers(name);
  if (peers.arms.empty()) refuse("--arm: {}", peers.missing.front().words());
  return peers.arms.front().library;
}

std::string path_library(const std::string& arm, const std::string& path) {
  std::error_code error;
  const auto found = std::filesystem::canonical(path, error);
  if (error) refuse("--arm {}: {}: {}", arm, path, error.message());
  return found.string();
}

// A word that is no key=value: which library?
std::string named_library(const std::string& arm, const std::string& word, const std::string& own) {
  if (word.find('/') != std::string::npos) return path_library(arm, word);
  if (word == kTamari) return own;
  if (is_peer(word)) return peer_library(word);
  auto names = peer_names();
  names.emplace_back(kTamari);
  refuse("--arm {}: '{}' is no key=value, no path with a '/', and none of {}{}", arm, word,
         join(names, ", "), suggestion(word, names));
}

// NAME alone: an allocator of that name, else tamari as it is. A name that is nearly an allocator's
// would silently be something else than it says.
std::string bare_library(const std::string& name, const std::string& own) {
  if (is_peer(name)) return peer_library(name);
  if (const auto near = nearest(name, peer_names()); near && edit_distance(name, *near) <= 2) {
    refuse("--arm {}: did you mean '{}'? For tamari under that name write {}:tamari", name, *near,
           name);
  }
  return own;
}

}  // namespace

ArmSpec parse_arm(const std::string& text, const std::string& library) {
  const std::size_t colon = text.find(':');
  ArmSpec arm;
  arm.name = text.substr(0, colon);
  if (colon == std::string::npos) {
    arm.library = bare_library(arm.name, library);
    return arm;
  }
  arm.library = library;
  const std::vector<std::string> words = split(text.substr(colon + 1), ',');
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool setting = words[i].find('=') != std::string::npos;
    if (words[i].empty() || (!setting && i > 0)) {
      refuse("--arm {}: write NAME:key=value,... or NAME:PATH,key=value,...", text);
    }
    if (setting) {
      arm.settings.push_back(words[i]);
    } else {
      arm.library = named_library(text, words[i], library);
    }
  }
  return arm;
}

}  // namespace tamari::lab
