// See plan_file.h. The arms are read by plan_file_arms.cpp.
#include "lab/experiment/plan_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "lab/command_error.h"
#include "lab/experiment/gate.h"
#include "lab/experiment/plan_file_arms.h"
#include "lab/experiment/toml_table.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr std::uint64_t kMostThreads = 4096;
constexpr std::uint64_t kMostRing = std::uint64_t{1} << 24;
constexpr std::uint64_t kMostRuns = 10000;
constexpr std::uint64_t kMostSettle_ms = 600000;
constexpr std::uint64_t kMostIterations = 1'000'000'000'000;
constexpr std::uint64_t kMostSeed = std::numeric_limits<std::int64_t>::max();

LaneOverrides read_overrides(const TomlTable& table) {
  LaneOverrides overrides;
  overrides.threads = table.whole("threads", 1, kMostThreads);
  overrides.iterations = table.whole("iterations", 1, kMostIterations);
  overrides.remote_percent = table.whole("remote", 0, 100);
  overrides.ring = table.whole("ring", 1, kMostRing);
  overrides.touch = table.whole("touch", 0, 2);
  overrides.matched = table.truth("matched").value_or(false);
  return overrides;
}

// { lane = "main", name = "main_8t", threads = 8 }
Workload read_lane(const TomlTable& table, unsigned cpus) {
  table.allow({"lane", "name", "threads", "iterations", "remote", "ring", "touch", "matched"});
  const std::string lane_name = table.required_text("lane");
  Workload workload;
  workload.name = table.text("name").value_or(lane_name);
  const Lane lane = table.at(*table.node("lane"), [&] { return find_lane(lane_name); });
  const LaneOverrides overrides = read_overrides(table);
  workload.lane = table.at(table.self(), [&] { return effective_lane(lane, overrides, cpus); });
  workload.lane->matched = table.truth("matched").value_or(workload.lane->matched);
  return workload;
}

void read_lanes(const TomlTable& file, unsigned cpus, Plan& plan) {
  const toml::node* lanes = file.node("lanes");
  if (lanes == nullptr) return;
  const std::string complaint =
      "'lanes' must be a list of names, or of { lane = \"main\", threads = 8 }";
  if (!lanes->is_array()) file.refuse(*lanes, complaint);
  for (const toml::node& element : *lanes->as_array()) {
    if (element.is_string()) {
      const auto& name = element.ref<std::string>();
      const Lane lane = file.at(element, [&] { return find_lane(name); });
      plan.workloads.push_back({name, effective_lane(lane, {}, cpus), {}, ""});
    } else if (element.is_table()) {
      const TomlTable table(*element.as_table(), file.source(), "a lane");
      plan.workloads.push_back(read_lane(table, cpus));
    } else {
      file.refuse(element, complaint);
    }
  }
}

void add_metric(const TomlTable& table, const toml::node& where, const MetricSpec& metric,
                Plan& plan) {
  for (const MetricSpec& other : plan.metrics) {
    if (other.name != metric.name) continue;
    if (other.regex == metric.regex && other.better == metric.better) return;
    table.refuse(
        where, fmt::format("the metric '{}' has two meanings: give one another name", metric.name));
  }
  plan.metrics.push_back(metric);
}

// metrics = { rate = "([0-9.]+) requests/s:higher" }
void read_metrics(const TomlTable& program, Plan& plan) {
  const auto metrics = program.table("metrics");
  if (!metrics) return;
  for (const auto& [name, value] : metrics->entries()) {
    const std::string expression = metrics->required_text(name);
    const MetricSpec metric =
        metrics->at(*value, [&, key = name] { return parse_metric(key, expression); });
    add_metric(*metrics, *value, metric, plan);
  }
}

void read_programs(const TomlTable& file, Plan& plan) {
  for (const TomlTable& table : file.tables("program")) {
    table.allow({"name", "command", "check", "metrics"});
    Workload workload;
    workload.name = table.required_text("name");
    workload.command = table.texts("command");
    if (workload.command.empty()) {
      table.refuse(table.self(), fmt::format("the program '{}' needs a command, such as command = "
                                             "[\"redis-benchmark\", \"-q\"]",
                                             workload.name));
    }
    workload.check = table.text("check").value_or("");
    read_metrics(table, plan);
    plan.workloads.push_back(workload);
  }
}

AutoRuns read_automatic(const TomlTable& table) {
  table.allow({"least", "most", "half_width"});
  AutoRuns rule;
  rule.least = table.whole("least", 1, kMostRuns).value_or(rule.least);
  rule.most = table.whole("most", 1, kMostRuns).value_or(rule.most);
  if (const auto width = table.text("half_width")) {
    rule.half_width =
        table.at(*table.node("half_width"), [&] { return parse_percent(*width, "'half_width'"); });
  }
  return rule;
}

Stage read_stage(const TomlTable& table) {
  table.allow({"name", "runs", "auto", "gates", "winners_only", "no_failures"});
  Stage stage;
  stage.name = table.required_text("name");
  stage.runs = table.whole("runs", 1, kMostRuns).value_or(0);
  if (const auto automatic = table.table("auto")) stage.automatic = read_automatic(*automatic);
  if (table.has("runs") == table.has("auto")) {
    table.refuse(table.self(), fmt::format("the stage '{}' needs either 'runs' or 'auto', and not "
                                           "both",
                                           stage.name));
  }
  const std::vector<std::string> gates = table.texts("gates");
  for (std::size_t i = 0; i < gates.size(); ++i) {
    const toml::node& where = (*table.node("gates")->as_array())[i];
    stage.gates.push_back(table.at(where, [&] { return parse_gate(gates[i]); }));
  }
  stage.winners_only = table.truth("winners_only").value_or(false);
  stage.no_failures = table.truth("no_failures").value_or(false);
  return stage;
}

HardKill read_hard_kill(const TomlTable& table) {
  table.allow({"counter", "rise", "lanes", "programs"});
  HardKill rule;
  rule.counter = table.required_text("counter");
  const std::string rise = table.required_text("rise");
  rule.rise = table.at(*table.node("rise"), [&] { return parse_percent(rise, "'rise'"); });
  rule.workloads = table.texts("lanes");
  for (const std::string& name : table.texts("programs")) rule.workloads.push_back(name);
  return rule;
}

Order read_order(const TomlTable& file) {
  const std::string order = file.text("order").value_or("latin");
  if (order == "latin") return Order::kLatin;
  if (order == "abba") return Order::kAbba;
  file.refuse(*file.node("order"),
              fmt::format("the order '{}' is unknown: it must be \"abba\" or \"latin\"", order));
}

void read_settings(const TomlTable& file, Plan& plan) {
  plan.order = read_order(file);
  plan.seed = file.whole("seed", 0, kMostSeed).value_or(plan.seed);
  plan.settle_ms = file.whole("settle_ms", 0, kMostSettle_ms).value_or(plan.settle_ms);
  plan.timeout_s = file.number("timeout_s").value_or(plan.timeout_s);
  plan.pin = file.text("pin").value_or("");
  if (const auto budget = file.text("budget")) {
    plan.budget_s =
        file.at(*file.node("budget"), [&] { return parse_duration(*budget, "'budget'"); });
  }
}

Plan read_plan(const TomlTable& file, unsigned cpus) {
  file.allow({"name", "title", "lanes", "program", "base", "variant", "product", "order", "seed",
              "pin", "timeout_s", "settle_ms", "budget", "stage", "hard_kill"});
  Plan plan;
  plan.name = file.text("name").value_or(std::filesystem::path(file.source()).stem().string());
  plan.title = file.text("title").value_or("");
  read_settings(file, plan);
  read_lanes(file, cpus, plan);
  read_programs(file, plan);
  read_arms(file, plan);
  for (const TomlTable& stage : file.tables("stage")) plan.stages.push_back(read_stage(stage));
  for (const TomlTable& rule : file.tables("hard_kill")) {
    plan.hard_kills.push_back(read_hard_kill(rule));
  }
  add_again_arm(plan);
  return plan;
}

std::optional<double> seconds_of_unit(const std::string& unit) {
  if (unit == "h") return 3600;
  if (unit == "min" || unit == "m") return 60;
  if (unit == "s") return 1;
  return std::nullopt;
}

// Takes one number with its unit off the front of `rest`, as seconds.
std::optional<double> take_duration(std::string& rest) {
  double amount = 0;
  const char* end = rest.data() + rest.size();
  const auto read = std::from_chars(rest.data(), end, amount, std::chars_format::fixed);
  if (read.ec != std::errc() || rest[0] == '-' || !std::isfinite(amount)) return std::nullopt;
  const std::string tail = trim(std::string_view(read.ptr, end));
  const std::size_t unit_end = std::min(tail.find_first_of("0123456789. "), tail.size());
  const auto unit = seconds_of_unit(tail.substr(0, unit_end));
  rest = trim(tail.substr(unit_end));
  return unit ? std::optional<double>(amount * *unit) : std::nullopt;
}

}  // namespace

Plan plan_from_toml(const std::string& text, const std::string& source, unsigned cpus) {
  try {
    const toml::table parsed = toml::parse(text, source);
    const Plan plan = read_plan(TomlTable(parsed, source, "the file"), cpus);
    try {
      validate(plan);
    } catch (const CommandError& error) {
      throw CommandError(error.status(), fmt::format("{}: {}", source, error.what()));
    }
    return plan;
  } catch (const toml::parse_error& error) {
    throw CommandError(kHarness, fmt::format("{}:{}: not TOML: {}", source,
                                             error.source().begin.line, error.description()));
  }
}

Plan read_plan_file(const std::string& path, unsigned cpus) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream || std::filesystem::is_directory(path)) {
    throw CommandError(kHarness, fmt::format("cannot read the experiment file {}", path));
  }
  return plan_from_toml(text.str(), path, cpus);
}

double parse_duration(const std::string& text, const std::string& what) {
  double seconds = 0;
  std::string rest = trim(text);
  do {
    const auto part = take_duration(rest);
    if (!part) {
      throw CommandError(kHarness, fmt::format("{} must be a time such as \"45min\", \"1h30min\" "
                                               "or \"90s\", not '{}'",
                                               what, text));
    }
    seconds += *part;
  } while (!rest.empty());
  return seconds;
}

}  // namespace tamari::lab
