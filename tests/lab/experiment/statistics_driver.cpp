// Lets a program in another language ask for the statistics of data sets. Reads a JSON array of
// {"effects": [...], "strata": [...], "confidence": c} from standard input and prints an array of
// results in the same order; an infinite bound is null, as JSON has no infinity.
#include <iostream>
#include <nlohmann/json.hpp>

#include "lab/experiment/bootstrap.h"
#include "lab/experiment/statistics.h"

namespace tamari::lab {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Interval& interval) { return {interval.low, interval.high}; }

Json answer(const Json& question) {
  const auto effects = question.at("effects").get<std::vector<double>>();
  const auto strata = question.at("strata").get<std::vector<std::size_t>>();
  const double confidence = question.at("confidence").get<double>();
  Json result = {{"signed_rank_p", signed_rank_p(effects)}};
  if (const auto found = estimate(effects, strata, confidence)) {
    result["effect"] = found->effect;
    result["interval"] = json_of(found->interval);
    result["p"] = found->p;
    result["tail"] = expanded_tail(found->n, confidence);
    if (found->bootstrap) result["bootstrap"] = json_of(*found->bootstrap);
  }
  if (const auto found = heterogeneity(effects, strata)) {
    result["heterogeneity"] = {{"q", found->q}, {"p", found->p}, {"i_squared", found->i_squared}};
  }
  return result;
}

}  // namespace
}  // namespace tamari::lab

int main() {
  using tamari::lab::Json;
  Json answers = Json::array();
  for (const Json& question : Json::parse(std::cin)) {
    answers.push_back(tamari::lab::answer(question));
  }
  std::cout << answers.dump() << '\n';
}
