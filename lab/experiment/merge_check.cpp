// See merge_check.h.
#include "lab/experiment/merge_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lab/command_error.h"
#include "lab/experiment/schedule.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

template <typename... Parts>
[[noreturn]] void refuse(fmt::format_string<Parts...> text, Parts&&... parts) {
  throw CommandError(kHarness, fmt::format(text, std::forward<Parts>(parts)...));
}

// A library may lie elsewhere on another machine: what counts is which arms share one. Its content
// is compared by itself.
nlohmann::ordered_json without_paths(Plan plan) {
  std::vector<std::string> libraries;
  for (ArmSpec& arm : plan.arms) {
    const auto known = std::find(libraries.begin(), libraries.end(), arm.library);
    const auto number = known - libraries.begin();
    if (known == libraries.end()) libraries.push_back(arm.library);
    arm.library = fmt::format("library {}", number);
  }
  return nlohmann::ordered_json::parse(to_json(plan));
}

void require_one_plan(const ShardPart& first, const ShardPart& other) {
  const auto wanted = without_paths(first.plan());
  const auto found = without_paths(other.plan());
  for (const auto& [key, value] : wanted.items()) {
    if (found.at(key) == value) continue;
    const char* hint = key == "workloads" ? " (a lane is scaled to the machine's CPUs unless the "
                                            "file gives its threads and iterations)"
                                          : "";
    throw MeaninglessError(fmt::format("{} and {} are shards of different plans: their {} differ{}",
                                       first.folder, other.folder, key, hint));
  }
}

void require_same_files(const ShardPart& first, const ShardPart& other) {
  const auto& wanted = first.contents.header.subjects;
  const auto& found = other.contents.header.subjects;
  if (wanted.size() != found.size()) refuse("{}/plan.json is damaged", other.folder);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const FileFacts& one = wanted[i].file;
    const FileFacts& two = found[i].file;
    if (one.sha256.empty() || two.sha256.empty()) {
      refuse("{} has no SHA-256 in {}: install sha256sum and run that shard again", wanted[i].name,
             one.sha256.empty() ? first.folder : other.folder);
    }
    if (one.sha256 == two.sha256) continue;
    throw MeaninglessError(
        fmt::format("{} is not the same file in {} and in {} (SHA-256 {:.12} "
                    "and {:.12}): run one of them again",
                    wanted[i].name, first.folder, other.folder, one.sha256, two.sha256));
  }
}

void require_finished(const ShardPart& part) {
  for (const SampleRecord& record : part.contents.records) {
    if (record.stage == kWarmUp || part.shard().takes(record.block)) continue;
    refuse("{} is shard {} and has a sample of block {}, which is another shard's", part.folder,
           shard_words(part.shard()), record.block + 1);
  }
  const std::size_t missing = samples_missing(part.plan(), part.contents.records, part.shard());
  if (missing == 0) return;
  refuse("shard {} is not finished: `tamari sweep --resume {}` takes the {} samples that it lacks",
         shard_words(part.shard()), part.folder, missing);
}

const ShardPart* find_part(const std::vector<ShardPart>& parts, const Shard& shard) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const ShardPart& part) { return part.shard() == shard; });
  return found == parts.end() ? nullptr : &*found;
}

}  // namespace

void require_shards(const std::vector<ShardPart>& parts) {
  for (const ShardPart& part : parts) {
    if (part.contents.header.joined > 1) refuse("{} holds shards joined already", part.folder);
    if (part.shard().whole()) refuse("{} holds a whole experiment and no shard", part.folder);
    check_shard(part.plan(), part.shard());
  }
}

void require_one_experiment(const std::vector<ShardPart>& parts) {
  for (const ShardPart& part : parts) {
    require_one_plan(parts.front(), part);
    require_same_files(parts.front(), part);
  }
}

void require_whole(const std::vector<ShardPart>& parts) {
  const ShardPart& first = parts.front();
  for (const ShardPart& part : parts) {
    if (part.shard().n != first.shard().n) {
      refuse("{} is shard {} and {} is shard {}: give the shards of one division", first.folder,
             shard_words(first.shard()), part.folder, shard_words(part.shard()));
    }
    if (const ShardPart* twin = find_part(parts, part.shard()); twin != &part) {
      refuse("shard {} is there twice, in {} and in {}: leave one out", shard_words(part.shard()),
             twin->folder, part.folder);
    }
  }
  std::vector<std::string> missing;
  for (std::size_t k = 1; k <= first.shard().n; ++k) {
    const Shard shard{k, first.shard().n};
    if (find_part(parts, shard) == nullptr) missing.push_back(shard_words(shard));
  }
  if (!missing.empty()) {
    refuse("{} missing: give the folder of each shard",
           missing.size() == 1 ? fmt::format("shard {} is", missing.front())
                               : fmt::format("shards {} are", join(missing, ", ")));
  }
  for (const ShardPart& part : parts) require_finished(part);
}

}  // namespace tamari::lab
