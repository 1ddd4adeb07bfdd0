// See merge.h. What is refused is in merge_check.cpp.
#include "lab/experiment/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "lab/experiment/merge_check.h"

namespace tamari::lab {
namespace {

namespace fs = std::filesystem;

std::vector<ShardPart> read_parts(const std::vector<std::string>& folders) {
  std::vector<ShardPart> parts;
  for (const std::string& folder : folders) parts.push_back({folder, read_folder(folder)});
  return parts;
}

FolderHeader joined_header(const std::vector<ShardPart>& parts) {
  FolderHeader header = parts.front().contents.header;
  header.shard = {};
  header.joined = parts.size();
  header.sessions.clear();
  for (const ShardPart& part : parts) {
    const auto& sessions = part.contents.header.sessions;
    header.sessions.insert(header.sessions.end(), sessions.begin(), sessions.end());
  }
  std::stable_sort(header.sessions.begin(), header.sessions.end(),
                   [](const Session& a, const Session& b) { return a.started < b.started; });
  return header;
}

// An index counts the samples of a machine in time order; each shard began at 0.
std::vector<SampleRecord> joined_records(const std::vector<ShardPart>& parts) {
  std::vector<SampleRecord> records;
  for (const ShardPart& part : parts) {
    const auto& own = part.contents.records;
    records.insert(records.end(), own.begin(), own.end());
  }
  std::stable_sort(
      records.begin(), records.end(),
      [](const SampleRecord& a, const SampleRecord& b) { return a.started < b.started; });
  std::map<std::string, std::size_t> next;
  for (SampleRecord& record : records) record.index = next[record.machine]++;
  return records;
}

void copy_logs(const std::vector<ShardPart>& parts, const std::string& out) {
  for (const ShardPart& part : parts) {
    const fs::path logs = fs::path(part.folder) / "logs";
    if (!fs::exists(logs) || fs::is_empty(logs)) continue;
    fs::copy(logs, fs::path(out) / "logs" / fmt::format("shard-{}", part.shard().k));
  }
}

bool overlap(const Session& a, const Session& b) {
  return a.started < b.ended && b.started < a.ended;
}

bool overlap(const ShardPart& a, const ShardPart& b) {
  const FolderHeader& first = a.contents.header;
  const FolderHeader& second = b.contents.header;
  return first.machine_id == second.machine_id &&
         std::any_of(first.sessions.begin(), first.sessions.end(), [&](const Session& one) {
           return std::any_of(second.sessions.begin(), second.sessions.end(),
                              [&](const Session& other) { return overlap(one, other); });
         });
}

// Blocks are paired, so the figures stay true; but they are noisier than they need be.
void note_company(const std::vector<ShardPart>& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (std::size_t j = i + 1; j < parts.size(); ++j) {
      if (!overlap(parts[i], parts[j])) continue;
      fmt::print(stderr,
                 "note: shards {} and {} ran at the same time on one machine ({}) and disturbed "
                 "each other\n",
                 shard_words(parts[i].shard()), shard_words(parts[j].shard()),
                 parts[i].contents.header.machine_id);
    }
  }
}

}  // namespace

void merge_shards(const std::vector<std::string>& folders, const std::string& out) {
  std::vector<ShardPart> parts = read_parts(folders);
  require_shards(parts);
  require_one_experiment(parts);
  require_whole(parts);
  std::sort(parts.begin(), parts.end(),
            [](const ShardPart& a, const ShardPart& b) { return a.shard().k < b.shard().k; });
  note_company(parts);
  write_folder(out, joined_header(parts), joined_records(parts));
  copy_logs(parts, out);
}

}  // namespace tamari::lab
