// The JSON form of a plan, schema tamari.experiment/1. See plan.h.
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "lab/command_error.h"
#include "lab/experiment/plan.h"

namespace tamari::lab {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFamily = "tamari.experiment/";
constexpr unsigned kVersion = 1;

Json lane_to_json(const Lane& lane) {
  return {{"name", lane.name},
          {"threads", lane.threads},
          {"iterations", lane.iterations},
          {"slots", lane.slots},
          {"min_size", lane.min_size},
          {"max_size", lane.max_size},
          {"remote_percent", lane.remote_percent},
          {"ring", lane.ring},
          {"touch", lane.touch},
          {"matched", lane.matched},
          {"about", lane.about},
          {"suite", lane.suite},
          {"scale", lane.scale}};
}

Lane lane_from_json(const Json& json) {
  Lane lane;
  json.at("name").get_to(lane.name);
  json.at("threads").get_to(lane.threads);
  json.at("iterations").get_to(lane.iterations);
  json.at("slots").get_to(lane.slots);
  json.at("min_size").get_to(lane.min_size);
  json.at("max_size").get_to(lane.max_size);
  json.at("remote_percent").get_to(lane.remote_percent);
  json.at("ring").get_to(lane.ring);
  json.at("touch").get_to(lane.touch);
  json.at("matched").get_to(lane.matched);
  json.at("about").get_to(lane.about);
  lane.suite = json.value("suite", lane.suite);  // plans were written before there were such lanes
  lane.scale = json.value("scale", lane.scale);
  return lane;
}

Json to_json_value(const ArmSpec& arm) {
  return {{"name", arm.name},
          {"library", arm.library},
          {"settings", arm.settings},
          {"again", arm.again}};
}

void from_json_value(const Json& json, ArmSpec& arm) {
  json.at("name").get_to(arm.name);
  json.at("library").get_to(arm.library);
  json.at("settings").get_to(arm.settings);
  json.at("again").get_to(arm.again);
}

Json to_json_value(const Workload& workload) {
  return {{"name", workload.name},
          {"lane", workload.lane ? lane_to_json(*workload.lane) : Json()},
          {"command", workload.command},
          {"check", workload.check}};
}

void from_json_value(const Json& json, Workload& workload) {
  json.at("name").get_to(workload.name);
  if (!json.at("lane").is_null()) workload.lane = lane_from_json(json.at("lane"));
  json.at("command").get_to(workload.command);
  json.at("check").get_to(workload.check);
}

template <typename Choice>
Choice choose(const Json& json, const char* key, const char* first, Choice if_first,
              const char* second, Choice if_second) {
  const auto word = json.at(key).get<std::string>();
  if (word == first) return if_first;
  if (word == second) return if_second;
  throw CommandError(kHarness, fmt::format("the plan's '{}' is '{}': it must be '{}' or '{}'", key,
                                           word, first, second));
}

Json to_json_value(const MetricSpec& metric) {
  return {{"name", metric.name},
          {"better", metric.better == Better::kHigher ? "higher" : "lower"},
          {"regex", metric.regex}};
}

void from_json_value(const Json& json, MetricSpec& metric) {
  json.at("name").get_to(metric.name);
  metric.better = choose(json, "better", "lower", Better::kLower, "higher", Better::kHigher);
  json.at("regex").get_to(metric.regex);
}

Json to_json_value(const Gate& gate) {
  return {{"metric", gate.metric},
          {"comparison", gate.comparison == Comparison::kAtLeast ? ">=" : "<="},
          {"limit", gate.limit},
          {"workload", gate.workload}};
}

void from_json_value(const Json& json, Gate& gate) {
  json.at("metric").get_to(gate.metric);
  gate.comparison =
      choose(json, "comparison", ">=", Comparison::kAtLeast, "<=", Comparison::kAtMost);
  json.at("limit").get_to(gate.limit);
  json.at("workload").get_to(gate.workload);
}

Json to_json_value(const HardKill& rule) {
  return {{"counter", rule.counter}, {"rise", rule.rise}, {"workloads", rule.workloads}};
}

void from_json_value(const Json& json, HardKill& rule) {
  json.at("counter").get_to(rule.counter);
  json.at("rise").get_to(rule.rise);
  json.at("workloads").get_to(rule.workloads);
}

Json to_json_value(const Stage& stage);
void from_json_value(const Json& json, Stage& stage);

template <typename Item>
Json list_to_json(const std::vector<Item>& items) {
  Json list = Json::array();
  for (const Item& item : items) list.push_back(to_json_value(item));
  return list;
}

template <typename Item>
void list_from_json(const Json& json, const char* key, std::vector<Item>& items) {
  for (const Json& element : json.at(key)) from_json_value(element, items.emplace_back());
}

Json to_json_value(const Stage& stage) {
  Json automatic;
  if (stage.automatic) {
    automatic = {{"least", stage.automatic->least},
                 {"most", stage.automatic->most},
                 {"half_width", stage.automatic->half_width}};
  }
  return {{"name", stage.name},
          {"runs", stage.runs},
          {"auto", automatic},
          {"gates", list_to_json(stage.gates)},
          {"winners_only", stage.winners_only},
          {"no_failures", stage.no_failures}};
}

void from_json_value(const Json& json, Stage& stage) {
  json.at("name").get_to(stage.name);
  json.at("runs").get_to(stage.runs);
  if (const Json& automatic = json.at("auto"); !automatic.is_null()) {
    AutoRuns& rule = stage.automatic.emplace();
    automatic.at("least").get_to(rule.least);
    automatic.at("most").get_to(rule.most);
    automatic.at("half_width").get_to(rule.half_width);
  }
  list_from_json(json, "gates", stage.gates);
  json.at("winners_only").get_to(stage.winners_only);
  json.at("no_failures").get_to(stage.no_failures);
}

Plan plan_from_value(const Json& json) {
  Plan plan;
  json.at("name").get_to(plan.name);
  json.at("title").get_to(plan.title);
  plan.order = choose(json, "order", "latin", Order::kLatin, "abba", Order::kAbba);
  list_from_json(json, "arms", plan.arms);
  list_from_json(json, "workloads", plan.workloads);
  list_from_json(json, "metrics", plan.metrics);
  list_from_json(json, "stages", plan.stages);
  list_from_json(json, "hard_kills", plan.hard_kills);
  json.at("seed").get_to(plan.seed);
  json.at("settle_ms").get_to(plan.settle_ms);
  json.at("timeout_s").get_to(plan.timeout_s);
  json.at("pin").get_to(plan.pin);
  json.at("budget_s").get_to(plan.budget_s);
  return plan;
}

void check_schema(const Json& json) {
  const auto schema = json.is_object() && json.contains("schema") && json["schema"].is_string()
                          ? json["schema"].get<std::string>()
                          : std::string();
  unsigned version = 0;
  if (schema.starts_with(kFamily)) {
    const char* end = schema.data() + schema.size();
    const auto read = std::from_chars(schema.data() + kFamily.size(), end, version);
    if (read.ec != std::errc() || read.ptr != end) version = 0;
  }
  if (version == kVersion) return;
  if (version == 0) {
    throw CommandError(
        kHarness, fmt::format("this is not a plan of tamari's: its \"schema\" must be \"{}{}\"",
                              kFamily, kVersion));
  }
  throw CommandError(
      kHarness, fmt::format("this plan has the schema {}, and this tamari reads {}{}: use the {} "
                            "tamari that wrote it, or begin a new experiment",
                            schema, kFamily, kVersion, version < kVersion ? "older" : "newer"));
}

}  // namespace

std::string to_json(const Plan& plan) {
  const Json json = {{"schema", fmt::format("{}{}", kFamily, kVersion)},
                     {"name", plan.name},
                     {"title", plan.title},
                     {"order", plan.order == Order::kLatin ? "latin" : "abba"},
                     {"arms", list_to_json(plan.arms)},
                     {"workloads", list_to_json(plan.workloads)},
                     {"metrics", list_to_json(plan.metrics)},
                     {"stages", list_to_json(plan.stages)},
                     {"hard_kills", list_to_json(plan.hard_kills)},
                     {"seed", plan.seed},
                     {"settle_ms", plan.settle_ms},
                     {"timeout_s", plan.timeout_s},
                     {"pin", plan.pin},
                     {"budget_s", plan.budget_s}};
  return json.dump(2);
}

Plan plan_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    check_schema(json);
    return plan_from_value(json);
  } catch (const Json::exception& error) {
    throw CommandError(
        kHarness, fmt::format("the plan is damaged ({}): it cannot be continued", error.what()));
  }
}

}  // namespace tamari::lab
