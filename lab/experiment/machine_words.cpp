// See machine_words.h.
#include "lab/experiment/machine_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lab/experiment/judge_words.h"
#include "lab/experiment/wording.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr double kDisagreement = 0.05;

std::size_t machine_count(const Experiment& experiment) {
  std::set<std::string> machines;
  for (const SampleRecord& record : experiment.records) machines.insert(record.machine);
  return machines.size();
}

std::string arm_agreement(const Effect* effect) {
  if (effect == nullptr || !effect->machines) return "too few blocks on each to say";
  const Heterogeneity& spread = *effect->machines;
  return fmt::format(
      "they {} (Cochran's Q {:.3g}, p {:.2g}; I2 {:.0f}%, the share of the variation between them)",
      spread.p < kDisagreement ? "differ" : "agree", spread.q, spread.p, 100 * spread.i_squared);
}

}  // namespace

std::string place_words(const Experiment& experiment) {
  const std::size_t machines = machine_count(experiment);
  return machines < 2 ? "on this machine today" : fmt::format("on these {} machines", machines);
}

std::string origin_words(const Experiment& experiment) {
  std::vector<std::string> parts;
  if (experiment.joined > 1) {
    parts.push_back(fmt::format("joined from {} of {}", counted(experiment.joined, "shard"),
                                counted(machine_count(experiment), "machine")));
  }
  const std::size_t sessions = experiment.sessions.size();
  const std::size_t times = sessions > experiment.joined ? sessions - experiment.joined : 0;
  if (times > 0) {
    parts.push_back(times == 1 ? "resumed once" : fmt::format("resumed {} times", times));
  }
  return join(parts, ", ");
}

std::string agreement_words(const Report& report, const View& view, const std::string& metric) {
  const std::size_t machines = machine_count(report.experiment);
  if (machines < 2) return {};
  std::vector<std::string> parts;
  for (const std::string& arm : view.arms) {
    parts.push_back(
        fmt::format("{}: {}", arm, arm_agreement(find_effect(report, view, metric, arm))));
  }
  return fmt::format("{} about {}: {}", counted(machines, "machine"), metric_label(metric),
                     join(parts, "; "));
}

}  // namespace tamari::lab
