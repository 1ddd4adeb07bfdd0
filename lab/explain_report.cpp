// The reports of explain.h: one row of kNotes per layer.
#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "lab/explain.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kSchema[] = "tamari.explain/1";
constexpr double kWorthAdvice = 0.01;  // of the resident set
constexpr double kWorthNote = 0.03;    // what the layers may miss of it, or exceed it by

struct Note {
  const char* layer;
  const char* label;
  const char* advice;
  const char* settings;  // that matter to it, separated by commas
};

constexpr Note kNotes[] = {
    {"live", "live blocks, as requested", "the program's own: a heap profiler says whose", ""},
    {"rounding", "their rounding to size classes", "inherent in size classes", ""},
    {"quarantine", "freed blocks under check", "check=off keeps none", "check"},
    {"free_blocks", "free blocks in spans",
     "live neighbours pin them: OS pages wholly free go after decay_ms, or now by tamari_purge()",
     "decay_ms,purge,background"},
    {"thread_caches", "thread caches",
     "a busy thread keeps them, less with lower settings; an idle thread's go after idle_ms",
     "thread_cache_bytes,thread_caches_bytes,cache_share,idle_ms"},
    {"stashes", "remote frees in stashes",
     "wait for their owners: less with a lower stash_bytes, none with remote_policy=direct",
     "remote_policy,stash_bytes,stash_limit,idle_ms"},
    {"transfer_cache", "transfer cache", "on the way between threads, less with lower settings",
     "transfer_small_bytes,transfer_cache_bytes,cache_share,idle_ms"},
    {"free_pages", "free pages, purge pending",
     "go back to the kernel after decay_ms, or now by tamari_purge()", "decay_ms,purge,background"},
    {"metadata", "metadata", "grows with the heap's greatest size and with threads", ""},
    {"other", "not malloc",
     "program, libraries, stacks, its own mmap: see /proc/PID/smaps while it runs", ""},
};

constexpr char kLiveWithRounding[] = "live blocks, with rounding";
constexpr char kRoundingUnknown[] = "requests are remembered under check=all only";

// Nothing to say of it in this process.
bool is_left_out(const Note& note, const Snapshot& snapshot) {
  return std::string_view(note.layer) == "quarantine" && snapshot.bytes(note.layer) == 0;
}

std::string label_of(const Note& note, const Snapshot& snapshot) {
  const bool is_live = std::string_view(note.layer) == "live";
  return is_live && !snapshot.is_known("rounding") ? kLiveWithRounding : note.label;
}

double share_of(const Note& note, const Snapshot& snapshot) {
  return static_cast<double>(snapshot.bytes(note.layer)) / static_cast<double>(snapshot.resident);
}

// 8388608 as 8M, where that is exact: what the library takes.
std::string setting_words(const std::string& key, const std::string& value) {
  constexpr std::string_view kOfBytes = "_bytes";
  const bool is_bytes = key.size() > kOfBytes.size() && key.ends_with(kOfBytes);
  const bool is_number = value.find_first_not_of("0123456789") == std::string::npos;
  if (!is_bytes || !is_number || value.size() > std::numeric_limits<std::uint64_t>::digits10) {
    return key + "=" + value;
  }
  constexpr std::uint64_t kStep = 1024;
  std::uint64_t number = std::stoull(value);
  std::string_view units = "KMGT";
  std::string unit;
  for (; number != 0 && number % kStep == 0 && !units.empty(); units.remove_prefix(1)) {
    number /= kStep;
    unit = units.front();
  }
  return fmt::format("{}={}{}", key, number, unit);
}

// "idle_ms=500, cache_share=50": what was in force.
std::string settings_of(const Note& note, const Snapshot& snapshot) {
  std::vector<std::string> found;
  for (const std::string& key : split(note.settings, ',')) {
    const auto setting = snapshot.settings.find(key);
    if (setting != snapshot.settings.end()) found.push_back(setting_words(key, setting->second));
  }
  return join(found, ", ");
}

// What to do about a layer and what is in force, a line each; nothing for a small one.
std::vector<std::string> advice_of(const Note& note, const Snapshot& snapshot) {
  if (!snapshot.is_known(note.layer)) return {kRoundingUnknown};
  if (share_of(note, snapshot) < kWorthAdvice) return {};
  const std::string settings = settings_of(note, snapshot);
  if (settings.empty()) return {note.advice};
  return {note.advice, "in force: " + settings};
}

std::string figures(const Note& note, const Snapshot& snapshot) {
  if (!snapshot.is_known(note.layer)) return fmt::format("{:>11}", "unknown");
  return fmt::format("{:>11} {:>5.1f} %", bytes_words(snapshot.bytes(note.layer)),
                     share_of(note, snapshot) * 100);
}

// Pages that were read and never written are in a layer, but not in the kernel's figure.
std::string excess_note(const Snapshot& snapshot) {
  std::uint64_t sum = 0;
  for (const Note& note : kNotes) sum += snapshot.bytes(note.layer);
  const double difference = static_cast<double>(sum) / static_cast<double>(snapshot.resident) - 1;
  if (difference > -kWorthNote && difference < kWorthNote) return "";
  return fmt::format(
      "The layers add up to {}: memory changed while it was looked at, or was only read so far.\n",
      bytes_words(sum));
}

}  // namespace

std::string explain_as_text(const Snapshot& snapshot) {
  std::vector<const Note*> shown;
  for (const Note& note : kNotes) {
    if (!is_left_out(note, snapshot)) shown.push_back(&note);
  }
  std::string text = fmt::format("resident {}, under tamari {}\n", bytes_words(snapshot.resident),
                                 snapshot.version);
  for (const Note* note : shown) {
    const bool last = note == shown.back();
    text += fmt::format(" {}─ {:<31}{}\n", last ? "└" : "├", label_of(*note, snapshot),
                        figures(*note, snapshot));
    for (const std::string& line : advice_of(*note, snapshot)) {
      text += fmt::format(" {}     {}\n", last ? " " : "│", line);
    }
  }
  return text + excess_note(snapshot);
}

std::string explain_as_json(const Snapshot& snapshot) {
  Json layers = Json::array();
  for (const Note& note : kNotes) {
    const bool known = snapshot.is_known(note.layer);
    Json settings = Json::object();
    for (const std::string& key : split(note.settings, ',')) {
      const auto setting = snapshot.settings.find(key);
      if (setting != snapshot.settings.end()) settings[key] = setting->second;
    }
    layers.push_back({{"name", note.layer},
                      {"label", label_of(note, snapshot)},
                      {"bytes", known ? Json(snapshot.bytes(note.layer)) : Json()},
                      {"share", known ? Json(share_of(note, snapshot)) : Json()},
                      {"advice", note.advice},
                      {"settings", settings}});
  }
  const Json json = {{"schema", kSchema},
                     {"version", snapshot.version},
                     {"resident", snapshot.resident},
                     {"layers", layers}};
  return json.dump(1) + "\n";
}

}  // namespace tamari::lab
