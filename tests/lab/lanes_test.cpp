#include "lab/lanes.h"

#include <gtest/gtest.h>

#include <set>

#include "lab/command_error.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr unsigned kManyCpus = 64;

std::string arguments(const std::string& name) {
  return join(effective_lane(find_lane(name), {}, kManyCpus).arguments(), " ");
}

TEST(Lanes, HaveTheArgumentsTheyAreKnownBy) {
  EXPECT_EQ(arguments("main"), "16 2000000 400 16 32768 90 65536 0 0");
  EXPECT_EQ(arguments("guard"), "16 2000000 400 16 2048 90 65536 0 0");
  EXPECT_EQ(arguments("larson_proxy"), "4 2500000 400 4096 32768 0 65536 0 0");
  EXPECT_EQ(arguments("cross128"), "16 2000000 400 16 131072 90 65536 0 0");
  EXPECT_EQ(arguments("main_r50"), "16 2000000 400 16 32768 50 65536 0 0");
  EXPECT_EQ(arguments("guard_r0"), "16 2000000 400 16 2048 0 65536 0 0");
  EXPECT_EQ(arguments("main_equal_touch1"), "16 2000000 400 16 32768 90 4096 1 1");
  EXPECT_EQ(arguments("guard_2t"), "2 2000000 400 16 2048 90 65536 0 0");
}

TEST(Lanes, SomeAreWorkloadsOfTheSuite) {
  EXPECT_EQ(arguments("produce_1_1"), "produce_1_1 --scale=0.5");
  EXPECT_EQ(std::string(find_lane("produce_1_1").program()), "bench_suite");
  EXPECT_EQ(std::string(find_lane("main").program()), "bench_random_mixed_mt_remote");
  LaneOverrides overrides;
  overrides.threads = 3;
  overrides.quick = true;
  EXPECT_EQ(join(effective_lane(find_lane("thread_churn"), overrides, 2).arguments(), " "),
            "thread_churn --scale=0.0625 --threads=3");
  overrides.iterations = 5;
  EXPECT_THROW(effective_lane(find_lane("thread_churn"), overrides, 2), CommandError);
}

TEST(Lanes, HaveDistinctNames) {
  std::set<std::string> names;
  for (const Lane& lane : all_lanes()) EXPECT_TRUE(names.insert(lane.name).second) << lane.name;
}

TEST(Lanes, DefaultOnesExist) {
  for (const std::string& name : default_lane_names()) EXPECT_EQ(find_lane(name).name, name);
}

TEST(Lanes, AMisspeltNameGetsASuggestion) {
  try {
    find_lane("gaurd");
    FAIL();
  } catch (const CommandError& error) {
    EXPECT_EQ(error.status(), kUsage);
    EXPECT_NE(std::string(error.what()).find("did you mean 'guard'?"), std::string::npos);
  }
}

TEST(EffectiveLane, ScalesIterationsToTheCpus) {
  EXPECT_EQ(effective_lane(find_lane("main"), {}, 2).iterations, 250'000u);
  EXPECT_EQ(effective_lane(find_lane("main"), {}, 16).iterations, 2'000'000u);
  LaneOverrides quick;
  quick.quick = true;
  EXPECT_EQ(effective_lane(find_lane("main"), quick, 2).iterations, 125'000u);
}

TEST(EffectiveLane, AnAskedForCountIsNotScaled) {
  LaneOverrides overrides;
  overrides.iterations = 1000;
  overrides.quick = true;
  EXPECT_EQ(effective_lane(find_lane("main"), overrides, 2).iterations, 1000u);
}

TEST(EffectiveLane, ThreadsFollowTheCpusWhereTheLaneSaysSo) {
  EXPECT_EQ(effective_lane(find_lane("main_cores"), {}, 6).threads, 6u);
}

TEST(EffectiveLane, TakesEveryOverride) {
  LaneOverrides overrides;
  overrides.threads = 3;
  overrides.iterations = 5;
  overrides.remote_percent = 7;
  overrides.ring = 9;
  overrides.touch = 2;
  overrides.matched = true;
  const Lane lane = effective_lane(find_lane("main"), overrides, 2);
  EXPECT_EQ(join(lane.arguments(), " "), "3 5 400 16 32768 7 9 2 1");
}

}  // namespace
}  // namespace tamari::lab
