// See folder_header.h.
#include "lab/experiment/folder_header.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "lab/command_error.h"

namespace tamari::lab {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 2;

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string text_or_empty(const Json& json) {
  return json.is_null() ? std::string() : json.get<std::string>();
}

Json machine_to_json(const Machine& machine) {
  return {{"kernel", machine.kernel},
          {"cpu_model", or_null(machine.cpu_model)},
          {"cpus_online", machine.cpus_online},
          {"cpus_allowed", machine.cpus_allowed},
          {"cpu_list", machine.cpu_list},
          {"memory", or_null(machine.memory)},
          {"huge_pages", or_null(machine.huge_pages)},
          {"governor", or_null(machine.governor)},
          {"load_average", or_null(machine.load_average)},
          {"date", machine.date}};
}

Machine machine_from_json(const Json& json) {
  Machine machine;
  json.at("kernel").get_to(machine.kernel);
  machine.cpu_model = text_or_empty(json.at("cpu_model"));
  json.at("cpus_online").get_to(machine.cpus_online);
  json.at("cpus_allowed").get_to(machine.cpus_allowed);
  json.at("cpu_list").get_to(machine.cpu_list);
  machine.memory = text_or_empty(json.at("memory"));
  machine.huge_pages = text_or_empty(json.at("huge_pages"));
  machine.governor = text_or_empty(json.at("governor"));
  machine.load_average = text_or_empty(json.at("load_average"));
  json.at("date").get_to(machine.date);
  return machine;
}

Json subject_to_json(const Subject& subject) {
  return {{"name", subject.name},
          {"path", subject.file.path},
          {"sha256", or_null(subject.file.sha256)},
          {"build_id", or_null(subject.file.build_id)},
          {"preload", or_null(subject.preload)}};
}

Subject subject_from_json(const Json& json) {
  Subject subject;
  json.at("name").get_to(subject.name);
  json.at("path").get_to(subject.file.path);
  subject.file.sha256 = text_or_empty(json.at("sha256"));
  subject.file.build_id = text_or_empty(json.at("build_id"));
  subject.preload = text_or_empty(json.at("preload"));
  return subject;
}

// A folder without them was written before there were shards.
void read_share(const Json& json, FolderHeader& header) {
  if (!json.contains("shard")) return;
  json.at("shard").at("k").get_to(header.shard.k);
  json.at("shard").at("n").get_to(header.shard.n);
  json.at("joined").get_to(header.joined);
}

}  // namespace

std::string to_json(const FolderHeader& header) {
  Json json = Json::parse(to_json(header.plan));
  json["machine"] = machine_to_json(header.machine);
  json["machine_id"] = header.machine_id;
  json["subjects"] = Json::array();
  for (const Subject& subject : header.subjects) {
    json["subjects"].push_back(subject_to_json(subject));
  }
  json["sessions"] = Json::array();
  for (const Session& session : header.sessions) {
    json["sessions"].push_back({{"started", session.started}, {"ended", or_null(session.ended)}});
  }
  json["shard"] = {{"k", header.shard.k}, {"n", header.shard.n}};
  json["joined"] = header.joined;
  return json.dump(kIndent) + "\n";
}

FolderHeader header_from_json(const std::string& text) {
  FolderHeader header;
  header.plan = plan_from_json(text);
  try {
    const Json json = Json::parse(text);
    header.machine = machine_from_json(json.at("machine"));
    json.at("machine_id").get_to(header.machine_id);
    for (const Json& subject : json.at("subjects")) {
      header.subjects.push_back(subject_from_json(subject));
    }
    for (const Json& session : json.at("sessions")) {
      header.sessions.push_back(
          {session.at("started").get<std::string>(), text_or_empty(session.at("ended"))});
    }
    read_share(json, header);
  } catch (const Json::exception& error) {
    throw CommandError(kHarness, fmt::format("it is damaged: {}", error.what()));
  }
  return header;
}

std::string continuation_problem(const FolderHeader& stored, const FolderHeader& wanted) {
  if (to_json(stored.plan) != to_json(wanted.plan)) return "it holds an experiment of another plan";
  if (stored.shard != wanted.shard) {
    return fmt::format("it holds shard {} of the experiment", shard_words(stored.shard));
  }
  for (std::size_t i = 0; i < wanted.subjects.size() && i < stored.subjects.size(); ++i) {
    const FileFacts& before = stored.subjects[i].file;
    const FileFacts& now = wanted.subjects[i].file;
    if (before.sha256 == now.sha256) continue;
    return fmt::format("{} has become another file since it began ({})", wanted.subjects[i].name,
                       now.path);
  }
  return {};
}

}  // namespace tamari::lab
