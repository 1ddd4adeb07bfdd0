// From records to effects, failures, stages and verdicts. Liveness is in liveness_test.cpp.
#include <gtest/gtest.h>

#include "tests/lab/experiment/made_world.h"

namespace tamari::lab {
namespace {

TEST(BlockEffects, CompareWithinABlock) {
  Plan plan = made_plan({"wide"}, {"main"}, 3);
  MadeRecords made(plan, [](SampleRecord& record, MadeRecords&) {
    const double level = 100.0 * static_cast<double>(record.block + 1);
    record.metrics["ops"] = record.arm == "wide" ? 2 * level : level;
  });
  made.take_all();
  const auto blocks = block_effects(plan, made.records(), "screen", "main", "wide", "ops");
  ASSERT_EQ(blocks.effects.size(), 3u);
  for (const double effect : blocks.effects) EXPECT_NEAR(effect, std::log(2), 1e-12);
  EXPECT_EQ(blocks.machines, std::vector<std::string>{"m"});
  EXPECT_TRUE(
      block_effects(plan, made.records(), "screen", "main", "nobody", "ops").effects.empty());
}

TEST(BlockEffects, OfAbbaCancelADriftAndKeepToTheirGroup) {
  Plan plan = made_plan({"wide", "deep"}, {"main"}, 4, Order::kAbba);
  MadeRecords made(plan, [](SampleRecord& record, MadeRecords& all) {
    const double drift = 0.01 * static_cast<double>(all.records().size());
    const double own = record.arm == "wide" ? 0.2 : record.arm == "deep" ? -0.1 : 0;
    record.metrics["ops"] = std::exp(drift + own);
  });
  made.take_all();
  EXPECT_EQ(made.records().size(), 4u * 3 * 4);
  const auto effects = [&](const std::string& arm) {
    return block_effects(plan, made.records(), "screen", "main", arm, "ops").effects;
  };
  for (const double effect : effects("wide")) EXPECT_NEAR(effect, 0.2, 1e-12);
  for (const double effect : effects("deep")) EXPECT_NEAR(effect, -0.1, 1e-12);
  for (const double effect : effects(kAgainName)) EXPECT_NEAR(effect, 0, 1e-12);
  EXPECT_EQ(effects(kAgainName).size(), 4u);
}

TEST(BlockEffects, LeaveOutGroupsWithAFailureOrACut) {
  Plan plan = made_plan({"wide"}, {"main"}, 4, Order::kAbba);
  MadeRecords made(plan, World().model());
  made.take_all();
  std::vector<SampleRecord>& records = made.records();
  for (SampleRecord& record : records) {
    if (record.block == 1 && record.arm == "wide") {
      record.failure = "killed by signal 11";
      break;
    }
  }
  while (records.back().arm != "wide") records.pop_back();
  records.pop_back();
  const auto wide = block_effects(plan, records, "screen", "main", "wide", "ops");
  EXPECT_EQ(wide.effects.size(), 2u);
  EXPECT_GE(block_effects(plan, records, "screen", "main", kAgainName, "ops").effects.size(), 3u);
  const Judgement judgement = judge(plan, records);
  EXPECT_FALSE(judgement.complete);
  const auto said = [&](const std::string& part) {
    return std::any_of(judgement.cautions.begin(), judgement.cautions.end(),
                       [&](const std::string& line) { return has(line, part); });
  };
  EXPECT_TRUE(said("samples failed (wide 1)"));
  EXPECT_TRUE(said("of groups that were cut off"));
}

TEST(BlockEffects, KeepMachinesApart) {
  Plan plan = gated_plan({"ops>=-3%"}, 20);
  World world;
  world.change = [](SampleRecord& record) {
    if (record.machine == "b" && record.arm == "wide") record.metrics["ops"] *= 1.1;
  };
  MadeRecords made(plan, world.model());
  made.take(0, 10, 20, {"wide"}, "b");
  made.take(0, 0, 10, {"wide"}, "a");
  const auto blocks = block_effects(plan, made.records(), "screen", "main", "wide", "ops");
  EXPECT_EQ(blocks.machines, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(blocks.strata.front(), 0u);
  EXPECT_EQ(blocks.strata.back(), 1u);
  EXPECT_LT(blocks.effects.front(), 0.05);
  EXPECT_GT(blocks.effects.back(), 0.05);
  const Judgement judgement = judge(plan, made.records());
  EXPECT_TRUE(judgement.complete);
  ASSERT_FALSE(judgement.cautions.empty());
  EXPECT_TRUE(has(judgement.cautions[0], "the machines disagree about ops of wide"));
}

TEST(Effects, AreThereForEveryMetricAndArm) {
  const Judgement judgement = judge_world(gated_plan({}), {{{"wide", 0.05}}});
  ASSERT_EQ(judgement.effects.size(), 4u);  // two metrics of the variant and of the copy
  const Effect& effect = judgement.effects[0];
  EXPECT_EQ(effect.metric, "ops");
  EXPECT_EQ(effect.arm, "wide");
  EXPECT_NEAR(effect.estimate->effect, 0.05, 0.01);
  EXPECT_NEAR(*effect.median_arm / *effect.median_base, std::exp(0.05), 0.01);
  EXPECT_EQ(effect.blocks.size(), 10u);
  EXPECT_EQ(effect.estimate->confidence, 0.95);
}

// Every tenth sample of an arm fails.
World crashing(const std::string& arm, double effect) {
  World world{{{"wide", effect}}};
  world.change = [arm](SampleRecord& record) {
    if (record.arm == arm && record.block == 7) record.failure = "killed by signal 11";
  };
  return world;
}

TEST(Failures, OfAVariantAreNeverAGo) {
  for (const bool no_failures : {false, true}) {
    Plan plan = gated_plan({"ops>=+3%"}, 12);
    plan.stages[0].no_failures = no_failures;
    const Judgement judgement = judge_world(plan, crashing("wide", 0.08));
    EXPECT_EQ(judgement.verdict, Verdict::kNoGo);
    EXPECT_EQ(judgement.variants[0].failed_samples, 1u);
    EXPECT_TRUE(has(judgement.why,
                    "1 sample failed beside 12 taken, the first on main: killed by "
                    "signal 11"))
        << judgement.why;
    EXPECT_TRUE(judgement.complete);
  }
}

TEST(Failures, OfTheBaseAreACaution) {
  const Judgement judgement = judge_world(gated_plan({"ops>=+3%"}, 12), crashing("base", 0.08));
  EXPECT_EQ(judgement.verdict, Verdict::kGo);
  EXPECT_EQ(judgement.gates[0].estimate->n, 11u);
  EXPECT_TRUE(has(judgement.cautions.at(0), "screen, main: 1 of 36 samples failed (base 1)"));
}

TEST(Failures, OfBothLeaveItOpenUnlessTheStageForbidsThem) {
  World world{{{"wide", 0.08}}};
  world.change = [](SampleRecord& record) {
    if (record.block == 7) record.failure = "timed out";
  };
  Plan plan = gated_plan({"ops>=+3%"}, 12);
  const Judgement judgement = judge_world(plan, world);
  EXPECT_EQ(judgement.verdict, Verdict::kInconclusive);
  EXPECT_TRUE(has(judgement.why, "the base failed too"));
  plan.stages[0].no_failures = true;
  EXPECT_EQ(judge_world(plan, world).verdict, Verdict::kNoGo);
}

TEST(Failures, OfEverySampleAreANoGo) {
  World world;
  world.change = [](SampleRecord& record) {
    if (record.arm == "wide") record.failure = "killed by signal 11";
  };
  const Judgement judgement = judge_world(gated_plan({"ops>=+3%"}), world);
  EXPECT_EQ(judgement.verdict, Verdict::kNoGo);
  EXPECT_EQ(judgement.variants[0].failed_samples, 10u);
}

TEST(Failures, OfAWarmUpCount) {
  const Plan plan = gated_plan({"ops>=+3%"});
  MadeRecords made(plan, World{{{"wide", 0.08}}}.model());
  made.take_all();
  SampleRecord record = made.records().front();
  record.stage = kWarmUp;
  record.arm = "wide";
  made.records().insert(made.records().begin(), record);
  EXPECT_EQ(judge(plan, made.records()).verdict, Verdict::kGo);
  EXPECT_TRUE(judge(plan, made.records()).cautions.empty());
  made.records().front().failure = "exit status 1";
  EXPECT_EQ(judge(plan, made.records()).verdict, Verdict::kNoGo);
}

TEST(Judge, SaysWhatItDidNotLookAt) {
  const Plan plan = gated_plan({"ops>=+3%"});
  MadeRecords made(plan, World{{{"wide", 0.08}}}.model());
  made.take_all();
  made.records().push_back(made.records().front());
  made.records().back().arm = "stranger";
  const Judgement judgement = judge(plan, made.records());
  EXPECT_TRUE(has(judgement.cautions.at(0), "1 sample of an arm, workload or stage that the plan"));
}

TEST(Judge, WithoutAGateMeasuresAndDoesNotJudge) {
  const Judgement judgement = judge_world(gated_plan({}), {{{"wide", 0.2}}});
  EXPECT_EQ(judgement.verdict, Verdict::kInconclusive);
  EXPECT_TRUE(has(judgement.why, "no gate was given"));
  EXPECT_TRUE(judgement.complete);
}

TEST(Judge, OfNoRecordsIsInconclusive) {
  const Judgement judgement = judge(gated_plan({"ops>=+3%"}), {});
  EXPECT_EQ(judgement.verdict, Verdict::kInconclusive);
  EXPECT_FALSE(judgement.complete);
  EXPECT_TRUE(has(judgement.why, "the stage 'screen' has not been run")) << judgement.why;
}

TEST(Judge, OfAnIncompleteStageIsNeverAGo) {
  const Plan plan = gated_plan({"ops>=+3%"}, 12);
  MadeRecords made(plan, World{{{"wide", 0.08}}}.model());
  made.take(0, 0, 11, {"wide"});
  const Judgement cut = judge(plan, made.records());
  EXPECT_EQ(cut.gates[0].state, GateState::kHeld);
  EXPECT_FALSE(cut.complete);
  EXPECT_EQ(cut.verdict, Verdict::kInconclusive);
  EXPECT_TRUE(has(cut.why, "the stage 'screen' is not complete")) << cut.why;
  made.take(0, 11, 12, {"wide"});
  EXPECT_EQ(judge(plan, made.records()).verdict, Verdict::kGo);
}

TEST(Judge, OfAnIncompleteStageMayRejectAVariantButNotTheLine) {
  const Plan plan = gated_plan({"ops>=+3%"}, 12);
  MadeRecords made(plan, World().model());
  made.take(0, 0, 11, {"wide"});
  const Judgement cut = judge(plan, made.records());
  EXPECT_EQ(cut.variants[0].verdict, Verdict::kNoGo);
  EXPECT_EQ(cut.verdict, Verdict::kInconclusive);
  EXPECT_TRUE(has(cut.why, "the experiment is not complete; none of 1 variant passed"));
}

// A screen and a replay of its winners.
Plan two_stage_plan(std::size_t screen = 12, std::size_t replay = 12) {
  Plan plan = made_plan({"wide", "deep"}, {"main"}, screen);
  plan.stages[0].gates = gates({"ops>=+3%"});
  plan.stages.push_back({"replay", replay, {}, gates({"ops>=+5%"}), true, true});
  return plan;
}

TEST(Stages, LetOnlyWinnersGoOn) {
  const Plan plan = two_stage_plan();
  MadeRecords made(plan, World{{{"wide", 0.08}}}.model());
  EXPECT_EQ(arms_for_stage(plan, 0, made.records()), (std::vector<std::string>{"wide", "deep"}));
  EXPECT_TRUE(arms_for_stage(plan, 1, made.records()).empty());
  made.take(0, 0, 11, {"wide", "deep"});
  EXPECT_TRUE(arms_for_stage(plan, 1, made.records()).empty());  // not complete
  made.take(0, 11, 12, {"wide", "deep"});
  EXPECT_EQ(arms_for_stage(plan, 1, made.records()), std::vector<std::string>{"wide"});
  const Judgement open = judge(plan, made.records());
  EXPECT_EQ(open.verdict, Verdict::kInconclusive);
  EXPECT_FALSE(open.complete);
  EXPECT_TRUE(has(open.why, "the stage 'replay' has not been run")) << open.why;
  made.take(1, 0, 12, {"wide"});
  const Judgement done = judge(plan, made.records());
  EXPECT_EQ(done.verdict, Verdict::kGo);
  EXPECT_TRUE(done.complete);
  ASSERT_EQ(done.variants[0].stages.size(), 2u);
  ASSERT_EQ(done.variants[1].stages.size(), 1u);
  EXPECT_EQ(done.variants[1].verdict, Verdict::kNoGo);
  EXPECT_TRUE(has(done.variants[1].why, "screen: main ops "));
}

TEST(Stages, AWinnerOfTheScreenMayFailTheReplay) {
  const Plan plan = two_stage_plan();
  World world{{{"wide", 0.04}}, 1e-3};
  MadeRecords made(plan, world.model());
  made.take(0, 0, 12, {"wide", "deep"});
  made.take(1, 0, 12, {"wide"});
  const Judgement judgement = judge(plan, made.records());
  EXPECT_EQ(judgement.variants[0].stages[0].verdict, Verdict::kGo);
  EXPECT_EQ(judgement.variants[0].stages[1].verdict, Verdict::kNoGo);
  EXPECT_EQ(judgement.verdict, Verdict::kNoGo);
}

TEST(Stages, WithoutAWinnerAreCompleteAndANoGo) {
  const Plan plan = two_stage_plan();
  MadeRecords made(plan, World().model());
  made.take(0, 0, 12, {"wide", "deep"});
  const Judgement judgement = judge(plan, made.records());
  EXPECT_EQ(judgement.verdict, Verdict::kNoGo);
  EXPECT_TRUE(judgement.complete);
  EXPECT_TRUE(has(judgement.why, "none of 2 variants passed: 2 rejected (such as wide: screen: "))
      << judgement.why;
}

TEST(Stages, AnUndecidedOneLeavesTheLineOpen) {
  const Plan plan = two_stage_plan();
  MadeRecords made(plan, straddling("wide").model());
  made.take(0, 0, 12, {"wide", "deep"});
  const Judgement judgement = judge(plan, made.records());
  EXPECT_TRUE(arms_for_stage(plan, 1, made.records()).empty());
  EXPECT_EQ(judgement.variants[0].verdict, Verdict::kInconclusive);
  EXPECT_EQ(judgement.verdict, Verdict::kInconclusive);
}

TEST(Stages, NotOnlyForWinnersTakeAllThatAreValid) {
  Plan plan = two_stage_plan();
  plan.stages[1].winners_only = false;
  World world{{{"wide", 0.08}}};
  world.change = [](SampleRecord& record) {
    if (record.arm == "deep") record.counters["drained_max"] = 32;
  };
  MadeRecords dead(plan, world.model());
  dead.take(0, 0, 12, {"wide", "deep"});
  EXPECT_EQ(arms_for_stage(plan, 1, dead.records()), std::vector<std::string>{"wide"});
  MadeRecords made(plan, World{{{"wide", 0.08}}}.model());
  made.take(0, 0, 12, {"wide", "deep"});
  EXPECT_EQ(arms_for_stage(plan, 1, made.records()), (std::vector<std::string>{"wide", "deep"}));
}

TEST(Stages, OfAutomaticLengthEndByTheirRule) {
  Plan plan = gated_plan({"ops>=+3%"});
  plan.stages[0].runs = 0;
  plan.stages[0].automatic = AutoRuns{8, 12, 0.02};
  MadeRecords made(plan, World{{{"wide", 0.08}}}.model());
  made.take(0, 0, 7, {"wide"});
  EXPECT_FALSE(judge(plan, made.records()).complete);
  made.take(0, 7, 8, {"wide"});
  EXPECT_TRUE(judge(plan, made.records()).complete);
  EXPECT_EQ(judge(plan, made.records()).verdict, Verdict::kGo);
  plan.stages[0].automatic->half_width = 1e-6;
  EXPECT_FALSE(judge(plan, made.records()).complete);
  made.take(0, 8, 12, {"wide"});
  EXPECT_TRUE(judge(plan, made.records()).complete);
}

TEST(Line, IsTheBestOfItsVariants) {
  Plan plan = made_plan({"wide", "deep"}, {"main"}, 10);
  plan.stages[0].gates = gates({"ops>=+3%"});
  World world = straddling("deep");
  EXPECT_EQ(judge_world(plan, world).verdict, Verdict::kInconclusive);
  world.effect["wide"] = 0.08;
  EXPECT_EQ(judge_world(plan, world).verdict, Verdict::kGo);
  EXPECT_EQ(judge_world(plan, {}).verdict, Verdict::kNoGo);
}

}  // namespace
}  // namespace tamari::lab
