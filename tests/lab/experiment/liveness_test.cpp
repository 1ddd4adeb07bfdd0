// Does the judge tell a setting that does something from one that nothing reads?
#include <gtest/gtest.h>

#include <algorithm>

#include "lab/experiment/gate.h"
#include "lab/experiment/judgement.h"
#include "tests/lab/experiment/made_records.h"

namespace tamari::lab {
namespace {

constexpr std::size_t kCounters = 60;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A counter's noise as it comes: even, heavy-tailed, in steps, rare, or none.
double noisy_count(std::size_t counter, MadeRecords& made, double shared) {
  const double size = std::pow(10, static_cast<double>(counter % 6));
  switch (counter % 5) {
    case 0:
      return std::floor(size * std::exp(made.noise(0.05)));
    case 1:
      return std::floor(size * std::exp(made.noise(0.02) / (0.05 + made.uniform())));
    case 2:
      return std::floor(size * (made.uniform() < 0.5 ? 1 : 1.3));
    case 3:
      return made.uniform() < 0.1 ? 3 : 0;
    default:
      return std::floor(size * std::exp(shared + made.noise(0.001)));
  }
}

void fill_noise(SampleRecord& record, MadeRecords& made) {
  record.metrics["ops"] = 1e6 * std::exp(made.noise(0.005));
  const double shared = made.noise(0.1);  // many counters follow one cause
  for (std::size_t i = 0; i < kCounters; ++i) {
    record.counters["c" + std::to_string(i)] = noisy_count(i, made, shared);
  }
  record.counters["constant"] = 7;
  record.counters["elapsed_ms"] = record.settings.empty() ? 100 : 200;
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back("v" + std::to_string(i));
  return names;
}

std::size_t alive_ones(const Judgement& judgement) {
  return static_cast<std::size_t>(
      std::count_if(judgement.liveness.begin(), judgement.liveness.end(),
                    [](const Liveness& life) { return life.checked && life.alive; }));
}

TEST(Liveness, OfDeadArmsIsRarelyFound) {
  for (const Order order : {Order::kLatin, Order::kAbba}) {
    for (const std::size_t blocks : {5u, 10u}) {
      std::size_t alive = 0;
      for (std::uint64_t sweep = 0; sweep < 10; ++sweep) {
        const Plan plan = made_plan(numbered(20), {"main"}, blocks, order);
        MadeRecords made(plan, fill_noise, 1 + sweep);
        made.take_all();
        const Judgement judgement = judge(plan, made.records());
        EXPECT_EQ(judgement.liveness.size(), 20u);
        alive += alive_ones(judgement);
      }
      EXPECT_LE(alive, 4u) << blocks;  // of 200
    }
  }
}

TEST(Liveness, OfAClearChangeIsFound) {
  for (const Order order : {Order::kLatin, Order::kAbba}) {
    for (const std::size_t blocks : {5u, 7u, 10u}) {
      const Plan plan = made_plan({"wide", "dead"}, {"main", "guard"}, blocks, order);
      std::size_t found = 0;
      for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        MadeRecords made(
            plan,
            [](SampleRecord& record, MadeRecords& all) {
              fill_noise(record, all);
              const bool live = record.arm == "wide" && record.workload == "main";
              record.counters["drained_max"] = live ? 64 : 32;
              record.counters["drains"] =
                  std::floor((live ? 2500 : 5000) * std::exp(all.noise(0.05)));
            },
            seed);
        made.take_all();
        const Judgement judgement = judge(plan, made.records());
        const Liveness& life = judgement.liveness.front();
        EXPECT_TRUE(life.checked);
        found += life.alive;
        if (life.alive) {
          EXPECT_EQ(life.counters.front(), "drained_max");
          EXPECT_TRUE(has(life.why, "drained_max went from 32 to 64")) << life.why;
        }
      }
      EXPECT_EQ(found, 5u) << blocks;
    }
  }
}

// Noise that hides the middle does not hide what the base never does.
TEST(Liveness, OfABoundThatIsBrokenIsFound) {
  const Plan plan = made_plan({"wide", "dead"}, {"main", "guard"}, 10, Order::kAbba);
  MadeRecords made(plan, [](SampleRecord& record, MadeRecords& all) {
    fill_noise(record, all);
    const bool live = record.arm == "wide" && record.workload == "main";
    record.counters["drained_max"] = all.uniform() < 0.5 ? 0 : live ? 12 : 10;
  });
  made.take_all();
  const Judgement judgement = judge(plan, made.records());
  ASSERT_EQ(judgement.liveness.size(), 4u);
  EXPECT_TRUE(judgement.liveness[0].alive);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_TRUE(judgement.liveness[i].blind()) << i;
}

TEST(Liveness, TakesNoShiftWithinWhatTheBaseDiffersFromItself) {
  const auto is_alive = [](double shift) {
    const Plan plan = made_plan({"wide"}, {"main"}, 60, Order::kAbba);
    MadeRecords made(plan, [shift](SampleRecord& record, MadeRecords& all) {
      record.metrics["ops"] = 1e6;
      const double own = record.arm == "wide" ? shift : 0;
      record.counters["drains"] = std::floor(1e6 * std::exp(own + all.noise(0.05)));
    });
    made.take_all();
    return judge(plan, made.records()).liveness.at(0).alive;
  };
  EXPECT_FALSE(is_alive(0.05));
  EXPECT_TRUE(is_alive(0.15));
}

TEST(Liveness, SaysTheEndsOfACounterWhoseMiddleStays) {
  const Plan plan = made_plan({"wide"}, {"main"}, 10, Order::kAbba);
  MadeRecords made(plan, [](SampleRecord& record, MadeRecords&) {
    record.metrics["ops"] = 1e6;
    const bool live = record.arm == "wide" && record.slot == 1;
    record.counters["drained_max"] = live ? 64 : record.arm == "wide" ? 0 : 32;
    if (record.arm == "wide" && record.block == 0) record.counters["drained_max"] = 32;
  });
  made.take_all();
  const Liveness life = judge(plan, made.records()).liveness.at(0);
  EXPECT_TRUE(life.alive);
  EXPECT_EQ(life.why, "drained_max ran from 0 to 64, the base's from 32 to 32");
}

// One variant whose counter moves on `live` alone.
MadeRecords::Model alive_on(const std::string& live, double effect) {
  return [live, effect](SampleRecord& record, MadeRecords& made) {
    fill_noise(record, made);
    const bool runs = record.arm == "wide" && record.workload == live;
    record.counters["drained_max"] = runs ? 64 : 32;
    if (record.arm == "wide") record.metrics["ops"] *= std::exp(effect);
  };
}

Judgement judge_model(const Plan& plan, const MadeRecords::Model& model) {
  MadeRecords made(plan, model);
  made.take_all();
  return judge(plan, made.records());
}

Plan lanes_plan(const std::vector<std::string>& gates) {
  Plan plan = made_plan({"wide"}, {"main", "larson_proxy"}, 10);
  for (const std::string& gate : gates) plan.stages[0].gates.push_back(parse_gate(gate));
  return plan;
}

TEST(Liveness, OnNoWorkloadIsInvalid) {
  const Judgement judgement = judge_model(lanes_plan({"ops>=+3%"}), alive_on("nowhere", 0.08));
  EXPECT_EQ(judgement.verdict, Verdict::kInvalid);
  EXPECT_TRUE(has(judgement.why, "its settings changed nothing on any workload")) << judgement.why;
  for (const GateResult& gate : judgement.gates) EXPECT_EQ(gate.state, GateState::kBlind);
  // And yet the speed differs: the reader is told.
  EXPECT_TRUE(std::any_of(judgement.cautions.begin(), judgement.cautions.end(),
                          [](const auto& line) { return has(line, "and yet its ops did"); }));
}

TEST(Liveness, SettingsInForceThatEqualTheBasesExplainIt) {
  const auto model = [](const char* limit) {
    return [limit](SampleRecord& record, MadeRecords& made) {
      fill_noise(record, made);
      record.effective = {{"limit", record.arm == "wide" ? limit : "32"}};
    };
  };
  const Plan plan = lanes_plan({"ops>=+3%"});
  EXPECT_TRUE(has(judge_model(plan, model("32")).why, "every setting in force is the base's"));
  // A setting in force proves nothing: nobody may read it.
  const Judgement other = judge_model(plan, model("64"));
  EXPECT_EQ(other.verdict, Verdict::kInvalid);
  EXPECT_FALSE(has(other.why, "every setting in force is the base's"));
}

TEST(Blindness, OfALaneVetoesNothingAndProvesNothing) {
  const Plan plan = lanes_plan({"main: ops>=+3%", "larson_proxy: ops>=-3%"});
  const auto model = [](SampleRecord& record, MadeRecords& made) {
    alive_on("main", 0.08)(record, made);
    if (record.arm == "wide" && record.workload == "larson_proxy") record.metrics["ops"] *= 0.8;
  };
  const Judgement judgement = judge_model(plan, model);
  ASSERT_EQ(judgement.gates.size(), 2u);
  EXPECT_EQ(judgement.gates[0].state, GateState::kHeld);
  EXPECT_EQ(judgement.gates[0].adjusted_p, judgement.gates[0].estimate->p);  // alone in its family
  EXPECT_EQ(judgement.gates[1].state, GateState::kBlind);
  EXPECT_TRUE(has(judgement.gates[1].why, "larson_proxy never ran what wide sets"));
  EXPECT_EQ(judgement.verdict, Verdict::kGo);
  EXPECT_TRUE(has(judgement.why, "1 gate held, 1 gate blind")) << judgement.why;
}

TEST(Blindness, OfEveryLaneThatDemandsAGainIsInvalid) {
  const Plan plan = lanes_plan({"larson_proxy: ops>=+3%", "main: ops>=-3%"});
  const Judgement judgement = judge_model(plan, alive_on("main", 0.08));
  EXPECT_EQ(judgement.verdict, Verdict::kInvalid);
  EXPECT_TRUE(has(judgement.why, "no workload that demands a gain ran the code")) << judgement.why;
}

TEST(Blindness, OfEveryGatedLaneIsInvalid) {
  const Judgement judgement =
      judge_model(lanes_plan({"larson_proxy: ops>=-3%"}), alive_on("main", 0));
  EXPECT_EQ(judgement.verdict, Verdict::kInvalid);
  EXPECT_TRUE(has(judgement.why, "no workload with a gate ran the code")) << judgement.why;
}

TEST(Blindness, LeavesGatesAgainstALossToTheLiveLanes) {
  const Judgement judgement = judge_model(lanes_plan({"ops>=-3%"}), alive_on("main", 0));
  EXPECT_EQ(judgement.verdict, Verdict::kGo);
  EXPECT_EQ(judgement.gates[0].state, GateState::kHeld);
  EXPECT_EQ(judgement.gates[1].state, GateState::kBlind);
}

TEST(Liveness, IsNotAskedOfAnotherLibrary) {
  Plan plan = lanes_plan({"ops>=+3%"});
  plan.arms[1].library = "/usr/lib/libjemalloc.so.2";
  plan.arms[1].settings.clear();
  plan.hard_kills = {{"constant", 0.05, {}}};
  const auto model = [](SampleRecord& record, MadeRecords& made) {
    fill_noise(record, made);
    if (record.arm == "wide") record.counters.clear();
    if (record.arm == "wide") record.metrics["ops"] *= 1.08;
  };
  const Judgement judgement = judge_model(plan, model);
  EXPECT_FALSE(judgement.liveness[0].checked);
  EXPECT_TRUE(judgement.liveness[0].alive);
  EXPECT_EQ(judgement.verdict, Verdict::kGo);
  EXPECT_TRUE(has(judgement.cautions.at(0), "the hard kills do not apply to wide"));
}

TEST(Liveness, IsNotAskedOfTheBasesOwnSettings) {
  Plan plan = lanes_plan({"ops>=-3%"});
  plan.arms[0].settings = {"a=1", "b=2"};
  plan.arms[1].settings = {"b=2", "a=1"};
  plan.arms[2].settings = {"a=1", "b=2"};
  const Judgement judgement = judge_model(plan, fill_noise);
  EXPECT_FALSE(judgement.liveness[0].checked);
  EXPECT_TRUE(judgement.liveness[0].alive);
  EXPECT_EQ(judgement.verdict, Verdict::kGo);
}

TEST(Liveness, IsUnknownWithTooFewBlocksOrNoCounters) {
  Plan few = lanes_plan({"ops>=-3%"});
  few.stages[0].runs = 4;
  const Judgement four = judge_model(few, alive_on("main", 0.08));
  EXPECT_FALSE(four.liveness[0].checked);
  EXPECT_FALSE(four.liveness[0].alive);
  EXPECT_EQ(four.verdict, Verdict::kInconclusive);
  const Judgement none = judge_model(lanes_plan({"ops>=-3%"}), [](auto& record, auto& made) {
    record.metrics["ops"] = 1e6 * std::exp(made.noise(0.005));
  });
  EXPECT_EQ(none.verdict, Verdict::kInconclusive);
  EXPECT_TRUE(has(none.gates[0].why, "whether it acts is unknown: 0 blocks with counters"))
      << none.gates[0].why;
}

TEST(Liveness, DoesNotTakeALastingTrifleForAChange) {
  const Judgement judgement =
      judge_model(lanes_plan({"ops>=-3%"}), [](SampleRecord& record, MadeRecords& made) {
        record.metrics["ops"] = 1e6 * std::exp(made.noise(0.005));
        record.counters["allocations"] = record.settings.empty() ? 1000 : 1001;
      });
  EXPECT_EQ(judgement.verdict, Verdict::kInvalid);
}

}  // namespace
}  // namespace tamari::lab
