// See lanes.h.
#include "lab/lanes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lab/command_error.h"
#include "lab/installation.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr std::uint64_t kQuickDivisor = 2;

// A row as it differs from its family: remote share, ring, touch, matched, threads.
struct Variant {
  const char* suffix;
  const char* about;
  void (*apply)(Lane&);
};

void make_equal(Lane& lane) {
  lane.ring = 4096;
  lane.matched = true;
}

void make_equal_touched(Lane& lane) {
  make_equal(lane);
  lane.touch = 1;
}

const Variant kVariants[] = {
    {"_r50", "half of the frees remote", [](Lane& lane) { lane.remote_percent = 50; }},
    {"_r0", "all local", [](Lane& lane) { lane.remote_percent = 0; }},
    {"_touch1", "first and last byte written", [](Lane& lane) { lane.touch = 1; }},
    {"_touch2", "every byte written", [](Lane& lane) { lane.touch = 2; }},
    {"_equal", "a full ring waits: equal work for every allocator", make_equal},
    {"_equal_touch1", "equal work, first and last byte written", make_equal_touched},
    {"_2t", "two threads", [](Lane& lane) { lane.threads = 2; }},
    {"_cores", "a thread for every CPU", [](Lane& lane) { lane.threads = kThreadsAsCpus; }},
};

void add_family(std::vector<Lane>& lanes, const Lane& base) {
  lanes.push_back(base);
  for (const Variant& variant : kVariants) {
    Lane lane = base;
    lane.name += variant.suffix;
    lane.about = base.name + ", " + variant.about;
    variant.apply(lane);
    lanes.push_back(lane);
  }
}

// About half a second each.
void add_suite(std::vector<Lane>& lanes) {
  constexpr struct {
    const char* name;
    double scale;
    const char* about;
  } kRows[] = {
      {"produce_1_1", 0.5, "producer and consumer: one thread allocates, one frees"},
      {"produce_1_n", 0.5, "one thread allocates, four free"},
      {"produce_n_1", 0.5, "four threads allocate, one frees"},
      {"sharing_active", 0.5, "four threads write into small blocks of their own"},
      {"sharing_passive", 0.5, "the same, each with a block from one thread at first"},
      {"sleeping_owner", 0.25, "an idle owner: one thread allocates and sleeps, another frees"},
      {"thread_churn", 0.125, "short threads, eight alive"},
  };
  for (const auto& row : kRows) {
    Lane lane;
    lane.name = row.name;
    lane.about = row.about;
    lane.suite = row.name;
    lane.scale = row.scale;
    lanes.push_back(lane);
  }
}

std::vector<Lane> make_lanes() {
  std::vector<Lane> lanes;
  add_family(lanes, {"main", 16, 2'000'000, 400, 16, 32768, 90, 65536, 0, false,
                     "mixed sizes, nearly all frees remote"});
  add_family(lanes, {"guard", 16, 2'000'000, 400, 16, 2048, 90, 65536, 0, false,
                     "small classes, nearly all frees remote"});
  add_family(lanes, {"cross128", 16, 2'000'000, 400, 16, 131072, 90, 65536, 0, false,
                     "up to 128 KiB, nearly all frees remote"});
  lanes.push_back({"larson_proxy", 4, 2'500'000, 400, 4096, 32768, 0, 65536, 0, false,
                   "medium classes, all local"});
  add_suite(lanes);
  return lanes;
}

Lane effective_suite_lane(Lane lane, const LaneOverrides& overrides) {
  if (overrides.iterations || overrides.remote_percent || overrides.ring || overrides.touch ||
      overrides.matched) {
    throw CommandError(kUsage, fmt::format("the lane '{}' takes no iterations, remote, ring, touch "
                                           "or matched: it is a workload of {}",
                                           lane.name, kSuiteName));
  }
  lane.threads = overrides.threads.value_or(lane.threads);
  if (overrides.quick) lane.scale /= kQuickDivisor;
  return lane;
}

std::uint64_t scaled_iterations(const Lane& lane, unsigned cpus) {
  return lane.iterations * std::min(cpus, lane.threads) / lane.threads;
}

}  // namespace

std::vector<std::string> Lane::arguments() const {
  if (!suite.empty()) {
    std::vector<std::string> words = {suite, fmt::format("--scale={}", scale)};
    if (threads != kThreadsAsCpus) words.push_back(fmt::format("--threads={}", threads));
    return words;
  }
  return {std::to_string(threads),  std::to_string(iterations), std::to_string(slots),
          std::to_string(min_size), std::to_string(max_size),   std::to_string(remote_percent),
          std::to_string(ring),     std::to_string(touch),      matched ? "1" : "0"};
}

const char* Lane::program() const { return suite.empty() ? kBenchName : kSuiteName; }

const std::vector<Lane>& all_lanes() {
  static const std::vector<Lane> kLanes = make_lanes();
  return kLanes;
}

const std::vector<std::string>& default_lane_names() {
  static const std::vector<std::string> kNames = {"main", "guard", "larson_proxy"};
  return kNames;
}

Lane find_lane(const std::string& name) {
  std::vector<std::string> names;
  for (const Lane& lane : all_lanes()) {
    if (lane.name == name) return lane;
    names.push_back(lane.name);
  }
  throw CommandError(kUsage, fmt::format("no lane is called '{}'{} (--list shows them)", name,
                                         suggestion(name, names)));
}

Lane effective_lane(Lane lane, const LaneOverrides& overrides, unsigned cpus) {
  if (!lane.suite.empty()) return effective_suite_lane(std::move(lane), overrides);
  if (lane.threads == kThreadsAsCpus) lane.threads = cpus;
  lane.threads = overrides.threads.value_or(lane.threads);
  lane.iterations = overrides.iterations.value_or(scaled_iterations(lane, cpus));
  if (overrides.quick && !overrides.iterations) lane.iterations /= kQuickDivisor;
  lane.iterations = std::max<std::uint64_t>(lane.iterations, 1);
  lane.remote_percent = overrides.remote_percent.value_or(lane.remote_percent);
  lane.ring = overrides.ring.value_or(lane.ring);
  lane.touch = overrides.touch.value_or(lane.touch);
  lane.matched |= overrides.matched;
  return lane;
}

}  // namespace tamari::lab
