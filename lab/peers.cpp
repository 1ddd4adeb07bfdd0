// See peers.h. A peer is one row of kKnownPeers.
#include "lab/peers.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

#include "lab/command_error.h"
#include "lab/elf_check.h"
#include "lab/installation.h"
#include "lab/preload.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kTamari[] = "tamari";
constexpr char kGlibc[] = "glibc";

struct KnownPeer {
  const char* name;
  std::vector<const char*> files;  // any of these, newest first
  const char* companion;           // preloaded with it, or null
  const char* package;             // Debian's
};

const std::vector<KnownPeer>& known_peers() {
  static const std::vector<KnownPeer> kKnownPeers = {
      {"jemalloc", {"libjemalloc.so.2"}, nullptr, "libjemalloc2"},
      {"mimalloc",
       {"libmimalloc.so.3", "libmimalloc.so.2", "libmimalloc.so.2.0"},
       nullptr,
       "libmimalloc2.0"},
      {"tcmalloc", {"libtcmalloc_minimal.so.4"}, nullptr, "libtcmalloc-minimal4"},
      {"tbbmalloc", {"libtbbmalloc_proxy.so.2"}, "libtbbmalloc.so.2", "libtbbmalloc2"},
  };
  return kKnownPeers;
}

// Settings of any allocator would make an arm something else than what its name says.
constexpr std::string_view kAllocatorVariables[] = {
    "LD_PRELOAD", "TAMARI_", "MALLOC_", "MIMALLOC_", "TCMALLOC_", "TBB_MALLOC_", "GLIBC_TUNABLES",
};

std::optional<std::string> find_in_system(const char* file) {
  for (const std::string& folder : system_library_folders()) {
    const std::string path = folder + "/" + file;
    if (access(path.c_str(), R_OK) == 0) return path;
  }
  return std::nullopt;
}

Arm make_arm(const std::string& name, const std::string& library, const std::string& preload) {
  Arm arm;
  arm.name = name;
  arm.library = std::filesystem::canonical(library).string();
  arm.preload = preload;
  arm.identity = identify(library).value();
  arm.sha256 = file_sha256(library);
  return arm;
}

Arm glibc_arm() {
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&gnu_get_libc_version), &info);
  return make_arm(kGlibc, info.dli_fname, "");
}

void add_known(const KnownPeer& peer, Peers& peers) {
  std::optional<std::string> library;
  for (const char* file : peer.files) {
    library = find_in_system(file);
    if (library) break;
  }
  std::optional<std::string> companion;
  if (peer.companion != nullptr) companion = find_in_system(peer.companion);
  if (!library || (peer.companion != nullptr && !companion)) {
    peers.missing.push_back({peer.name, fmt::format("apt install {}", peer.package)});
    return;
  }
  const std::string preload = merge_preload(*library, companion.value_or(""));
  peers.arms.push_back(make_arm(peer.name, *library, preload));
}

void add_path(const std::string& name, const std::string& path, Peers& peers) {
  if (name.empty() || name == kTamari || name == kGlibc) {
    throw CommandError(kUsage, fmt::format("--peers {}={}: give it another name", name, path));
  }
  if (access(path.c_str(), R_OK) != 0) {
    throw CommandError(kUsage, fmt::format("--peers {}={}: no such file", name, path));
  }
  const std::string library = std::filesystem::canonical(path).string();
  peers.arms.push_back(make_arm(name, library, merge_preload(library, "")));
}

void add_named(const std::string& name, Peers& peers) {
  if (name == kGlibc) return peers.arms.push_back(glibc_arm());
  for (const KnownPeer& peer : known_peers()) {
    if (peer.name == name) return add_known(peer, peers);
  }
  std::vector<std::string> names = peer_names();
  names.insert(names.end(), {"auto", "none"});
  throw CommandError(
      kUsage, fmt::format("--peers: no peer is called '{}'{} (known: {}; or NAME=PATH)", name,
                          suggestion(name, names), join(names, ", ")));
}

// Samples are told apart by the arm's name.
void refuse_duplicates(const Peers& peers) {
  std::set<std::string> names;
  for (const Arm& arm : peers.arms) {
    if (names.insert(arm.name).second) continue;
    throw CommandError(kUsage, fmt::format("--peers names '{}' twice: once is enough", arm.name));
  }
}

void add_all(Peers& peers) {
  peers.arms.push_back(glibc_arm());
  for (const KnownPeer& peer : known_peers()) add_known(peer, peers);
}

}  // namespace

std::string MissingPeer::words() const {
  return fmt::format("{} is not installed: {}", name, advice);
}

bool Arm::is_tamari() const { return name == kTamari; }

std::vector<EnvironmentChange> Arm::environment() const {
  std::vector<EnvironmentChange> changes;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    for (const std::string_view variable : kAllocatorVariables) {
      if (text.rfind(variable, 0) != 0) continue;
      changes.push_back({std::string(text.substr(0, text.find('='))), std::nullopt});
    }
  }
  if (!preload.empty()) changes.push_back({kPreloadVariable, preload});
  if (!settings.empty()) changes.push_back({kSettingsVariable, settings});
  return changes;
}

std::vector<std::string> peer_names() {
  std::vector<std::string> names = {kGlibc};
  for (const KnownPeer& peer : known_peers()) names.emplace_back(peer.name);
  return names;
}

Peers find_peers(const std::string& choice) {
  Peers peers;
  if (choice == "none") return peers;
  if (choice == "auto") {
    add_all(peers);
    return peers;
  }
  for (const std::string& word : split(choice, ',')) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      add_named(word, peers);
    } else {
      add_path(word.substr(0, equals), word.substr(equals + 1), peers);
    }
  }
  refuse_duplicates(peers);
  return peers;
}

Arm tamari_arm(const std::string& library, const std::string& settings) {
  Arm arm = make_arm(kTamari, library, merge_preload(library, ""));
  arm.settings = settings;
  return arm;
}

std::string arm_problem(const Arm& arm) {
  const OwnersAnswer answer = ask_owners(arm.environment());
  if (const std::string failure = answer.child.failure(); !failure.empty()) return failure;
  // glibc has no operators of its own: libstdc++'s call its malloc.
  return ownership_problem(answer.owners, arm.identity, !arm.preload.empty());
}

std::string file_sha256(const std::string& path) {
  const auto program = find_program("sha256sum");
  if (!program) return {};
  ChildRequest request;
  request.argv = {*program, path};
  request.environment = {{kPreloadVariable, std::nullopt}};
  const ChildResult result = run_child(request);
  return result.failure().empty() ? result.out.substr(0, result.out.find(' ')) : "";
}

}  // namespace tamari::lab
