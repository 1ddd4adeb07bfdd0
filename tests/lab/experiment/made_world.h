// A small world to be judged: arms with known effects, noise, and counters that show they ran.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "lab/experiment/gate.h"
#include "lab/experiment/judgement.h"
#include "tests/lab/experiment/made_records.h"

namespace tamari::lab {

inline constexpr double kNoise = 0.005;

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::vector<Gate> gates(const std::vector<std::string>& texts) {
  std::vector<Gate> list;
  for (const std::string& text : texts) list.push_back(parse_gate(text));
  return list;
}

// Speed by arm and lane over even noise; every variant's own counter moves on every lane.
struct World {
  std::map<std::string, double> effect;  // "arm" or "arm lane", log-ratio
  double noise = kNoise;
  std::function<void(SampleRecord&)> change = [](SampleRecord&) {};

  double effect_of(const SampleRecord& record) const {
    const auto special = effect.find(record.arm + " " + record.workload);
    if (special != effect.end()) return special->second;
    const auto general = effect.find(record.arm);
    return general == effect.end() ? 0 : general->second;
  }

  MadeRecords::Model model() const {
    return [*this](SampleRecord& record, MadeRecords& made) {
      const bool base = record.settings.empty();
      record.metrics["ops"] = 1e6 * std::exp(effect_of(record) + made.noise(noise));
      record.metrics["rss_peak_kib"] = 4e4 * std::exp(made.noise(noise));
      record.counters["alloc_slow_calls"] = std::floor(9e5 * std::exp(made.noise(0.002)));
      record.counters["drained_max"] = base ? 32 : 64;
      change(record);
      if (!record.good()) record.metrics.clear();
    };
  }
};

// A variant whose blocks lie either side of +3 %.
inline World straddling(const std::string& arm) {
  World world{{{arm, std::log(1.03)}}, 1e-4};
  world.change = [arm](SampleRecord& record) {
    const double swing = record.block % 2 == 0 ? 0.004 : -0.005;
    if (record.arm == arm) record.metrics["ops"] *= std::exp(swing);
  };
  return world;
}

inline Judgement judge_world(const Plan& plan, const World& world, std::uint64_t seed = 1) {
  MadeRecords made(plan, world.model(), seed);
  made.take_all();
  return judge(plan, made.records());
}

inline Plan gated_plan(const std::vector<std::string>& expressions, std::size_t runs = 10,
                       Order order = Order::kLatin) {
  Plan plan = made_plan({"wide"}, {"main"}, runs, order);
  plan.stages[0].gates = gates(expressions);
  return plan;
}

}  // namespace tamari::lab
