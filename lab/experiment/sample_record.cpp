// See sample_record.h. The JSON form holds every field by its name; the TSV is in sample_tsv.cpp.
#include "lab/experiment/sample_record.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "lab/command_error.h"

namespace tamari::lab {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string text_or_empty(const Json& json) {
  return json.is_null() ? std::string() : json.get<std::string>();
}

Json to_json_value(const FileFacts& file) {
  return {{"path", or_null(file.path)},
          {"sha256", or_null(file.sha256)},
          {"build_id", or_null(file.build_id)}};
}

FileFacts file_from_json(const Json& json) {
  return {text_or_empty(json.at("path")), text_or_empty(json.at("sha256")),
          text_or_empty(json.at("build_id"))};
}

void add_place(Json& json, const SampleRecord& record) {
  json["machine"] = record.machine;
  json["stage"] = record.stage;
  json["workload"] = record.workload;
  json["block"] = record.block;
  json["group"] = record.group;
  json["slot"] = record.slot;
  json["index"] = record.index;
  json["arm"] = record.arm;
  json["started"] = record.started;
  json["resumed"] = record.resumed;
}

void add_subject(Json& json, const SampleRecord& record) {
  json["library"] = to_json_value(record.library);
  json["program"] = to_json_value(record.program);
  json["settings"] = record.settings;
  json["effective"] = record.effective;
  json["owns_malloc"] = record.owns_malloc;
  json["kernel"] = or_null(record.kernel);
  json["cpu_model"] = or_null(record.cpu_model);
  json["cpu_set"] = or_null(record.cpu_set);
  json["load_average"] = or_null(record.load_average);
  json["governor"] = or_null(record.governor);
  json["huge_pages"] = or_null(record.huge_pages);
}

void add_outcome(Json& json, const SampleRecord& record) {
  json["exit_status"] = record.exit_status ? Json(*record.exit_status) : Json();
  json["failure"] = or_null(record.failure);
  json["metrics"] = record.metrics;
  json["counters"] = record.counters;
}

void read_place(const Json& json, SampleRecord& record) {
  json.at("machine").get_to(record.machine);
  json.at("stage").get_to(record.stage);
  json.at("workload").get_to(record.workload);
  json.at("block").get_to(record.block);
  json.at("group").get_to(record.group);
  json.at("slot").get_to(record.slot);
  json.at("index").get_to(record.index);
  json.at("arm").get_to(record.arm);
  json.at("started").get_to(record.started);
  json.at("resumed").get_to(record.resumed);
}

void read_subject(const Json& json, SampleRecord& record) {
  record.library = file_from_json(json.at("library"));
  record.program = file_from_json(json.at("program"));
  json.at("settings").get_to(record.settings);
  json.at("effective").get_to(record.effective);
  json.at("owns_malloc").get_to(record.owns_malloc);
  record.kernel = text_or_empty(json.at("kernel"));
  record.cpu_model = text_or_empty(json.at("cpu_model"));
  record.cpu_set = text_or_empty(json.at("cpu_set"));
  record.load_average = text_or_empty(json.at("load_average"));
  record.governor = text_or_empty(json.at("governor"));
  record.huge_pages = text_or_empty(json.at("huge_pages"));
}

// A number that JSON cannot express was written as null.
void read_known(const Json& json, std::map<std::string, double>& values) {
  for (const auto& [name, value] : json.items()) {
    if (!value.is_null()) values[name] = value.get<double>();
  }
}

void read_outcome(const Json& json, SampleRecord& record) {
  if (const Json& status = json.at("exit_status"); !status.is_null()) {
    record.exit_status = status.get<int>();
  }
  record.failure = text_or_empty(json.at("failure"));
  read_known(json.at("metrics"), record.metrics);
  read_known(json.at("counters"), record.counters);
}

}  // namespace

std::string to_json_line(const SampleRecord& record) {
  Json json;
  add_place(json, record);
  add_subject(json, record);
  add_outcome(json, record);
  // A program's last words need not be UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

SampleRecord record_from_json_line(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    SampleRecord record;
    read_place(json, record);
    read_subject(json, record);
    read_outcome(json, record);
    return record;
  } catch (const Json::exception& error) {
    throw CommandError(kHarness, fmt::format("not a sample of tamari's: {}", error.what()));
  }
}

}  // namespace tamari::lab
