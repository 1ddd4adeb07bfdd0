// The reports of an experiment: what they must say, and what they must never say.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>

#include "lab/experiment/explanation.h"
#include "lab/experiment/figures.h"
#include "lab/experiment/report_html.h"
#include "lab/experiment/report_json.h"
#include "lab/experiment/report_junit.h"
#include "lab/experiment/report_markdown.h"
#include "lab/experiment/report_terminal.h"
#include "lab/experiment/svg.h"
#include "lab/experiment/wording.h"
#include "lab/text.h"
#include "tests/lab/experiment/example_report.h"

namespace tamari::lab {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
  return found;
}

std::string last_line(const std::string& text) {
  const std::vector<std::string> lines = split(trim(text), '\n');
  return lines.back();
}

TEST(TerminalReport, EndsWithTheVerdict) {
  const Report report = example_report();
  const std::string text = terminal_report(report, false);
  EXPECT_EQ(last_line(text), "GO: " + report.judgement.why);
  EXPECT_TRUE(contains(text, "3 of 220 samples failed; resumed once"));
  EXPECT_TRUE(contains(text, "the harness can see"));
  EXPECT_TRUE(contains(text, "failed: "));
  EXPECT_TRUE(contains(text, "killed by signal 11"));
  EXPECT_FALSE(contains(text, "\033"));
}

TEST(TerminalReport, SaysWhyAGateIsNotHeld) {
  const Report report = example_report();
  for (const GateResult& gate : report.judgement.gates) {
    if (gate.state == GateState::kHeld) continue;
    EXPECT_TRUE(contains(terminal_report(report, false),
                         gate.arm + ": " + gate_words(gate.gate) + " is " + name_of(gate.state)));
  }
}

TEST(TerminalReport, WithoutAGateItDescribes) {
  const Report report = example_ab_report();
  const std::string text = terminal_report(report, false);
  EXPECT_EQ(report.conclusion.status, 0);
  EXPECT_TRUE(contains(last_line(text), "MEASURED: no gate was given"));
  EXPECT_TRUE(contains(text, "faster"));
}

TEST(Announcement, DeclaresTheStoppingRule) {
  const std::string text = announcement(example_report().experiment.plan);
  EXPECT_TRUE(contains(text, "screen: 10 blocks; gates main: ops>=+3%, guard: ops>=-3%"));
  EXPECT_TRUE(contains(text, "after 6 to 40 blocks"));
  EXPECT_TRUE(contains(text, "at most 1% either side"));
  EXPECT_TRUE(contains(text, "winners of the stage before only"));
  EXPECT_TRUE(contains(text, "hard kill: alloc_slow_calls up by more than +5% on guard"));
  EXPECT_TRUE(contains(text, "the base once more (A/A)"));
}

TEST(Reports, SayWhetherTheMachinesAgree) {
  Report report = example_report();
  EXPECT_FALSE(contains(terminal_report(report, false), "Cochran"));
  report.experiment.records.back().machine = "another";
  for (Effect& effect : report.judgement.effects) effect.machines = {9, 0.0027, 0.89};
  const std::string words =
      "2 machines about speed: limit64: they differ (Cochran's Q 9, p 0.0027; I2 89%, the share of";
  EXPECT_TRUE(contains(terminal_report(report, false), words));
  EXPECT_TRUE(contains(terminal_report(report, false), "of speed on these 2 machines (A/A"));
  EXPECT_TRUE(contains(markdown_report(report), "they differ"));
  EXPECT_TRUE(contains(markdown_report(report), "\n- another: "));
  EXPECT_TRUE(contains(experiment_page(report), "they differ"));
  report.judgement.effects.front().machines = {0.1, 0.75, 0};
  EXPECT_TRUE(contains(terminal_report(report, false), "they agree"));
}

TEST(Reports, ManyCautionsDoNotHideTheVerdict) {
  Report report = example_report();
  for (int i = 0; i < 20; ++i) report.judgement.cautions.push_back("take care");
  EXPECT_EQ(count(terminal_report(report, false), "caution: take care"), 3u);
  EXPECT_TRUE(contains(terminal_report(report, false), "caution: 17 more"));
  const std::string page = experiment_page(report);
  EXPECT_TRUE(contains(page, "<summary>18 more</summary>"));
  EXPECT_EQ(count(page, "take care"), 20u);
}

// The answer for every arm: what fails outweighs what says nothing, and that a doubt.
TEST(Conclusion, OfArmsIsTheWorst) {
  Report report = example_report();
  auto& variants = report.judgement.variants;
  const auto status = [&] { return conclude_arms(report.experiment, report.judgement).status; };
  EXPECT_EQ(status(), 1);
  variants[1].verdict = Verdict::kInconclusive;
  EXPECT_EQ(status(), 3);
  variants[2].verdict = Verdict::kGo;
  EXPECT_EQ(status(), 2);
  variants[1].verdict = Verdict::kGo;
  EXPECT_EQ(status(), 0);
  report.experiment.interrupted = true;
  EXPECT_EQ(status(), 0);  // nothing is missing
  report.judgement.complete = false;
  EXPECT_EQ(status(), 130);
}

TEST(Conclusion, AnArmThatFailsIsNotMerelyMeasured) {
  Report report = example_ab_report();
  report.judgement.variants[0].verdict = Verdict::kNoGo;
  EXPECT_EQ(conclude_arms(report.experiment, report.judgement).status, 1);
}

TEST(Conclusion, OfALineIsItsVerdict) {
  Report report = example_report();
  EXPECT_EQ(report.conclusion.status, 0);
  report.judgement.verdict = Verdict::kInvalid;
  EXPECT_EQ(conclude_line(report.experiment, report.judgement).status, 3);
}

TEST(SummaryJson, HoldsThePlanTheVerdictsAndTheFigures) {
  const auto json = nlohmann::json::parse(summary_json(example_report()));
  EXPECT_EQ(json["schema"], "tamari.experiment.summary/1");
  EXPECT_EQ(json["verdict"], "GO");
  EXPECT_EQ(json["exit_status"], 0);
  EXPECT_TRUE(json["plan"].is_object());
  EXPECT_EQ(json["samples"], 220);
  EXPECT_EQ(json["failed_samples"], 3);
  EXPECT_EQ(json["sessions"].size(), 2u);
  EXPECT_EQ(json["variants"].size(), 3u);
  EXPECT_EQ(json["effects"][0]["estimate"]["interval"].size(), 2u);
  EXPECT_EQ(json["gates"].size(), example_report().judgement.gates.size());
}

TEST(SummaryJson, TheUnknownIsNull) {
  Report report = example_report();
  report.judgement.effects[0].estimate.reset();
  report.judgement.effects[0].median_base.reset();
  report.judgement.effects[1].estimate->interval.high = std::numeric_limits<double>::infinity();
  report.judgement.effects[1].blocks[0] = std::nan("");
  const auto json = nlohmann::json::parse(summary_json(report));
  EXPECT_TRUE(json["effects"][0]["estimate"].is_null());
  EXPECT_TRUE(json["effects"][0]["median_base"].is_null());
  EXPECT_TRUE(json["effects"][1]["estimate"]["interval"][1].is_null());
  EXPECT_TRUE(json["effects"][1]["blocks"][0].is_null());
  EXPECT_TRUE(json["machine"]["governor"].is_null());
}

TEST(SummaryJson, OutputOfAnyEncodingDoesNotBreakIt) {
  Report report = example_report();
  report.judgement.why = report.conclusion.sentence = "it printed \xff\xfe";
  EXPECT_NO_THROW(nlohmann::json::parse(summary_json(report)));
}

TEST(Markdown, IsATableForEachWorkloadAndEscapesItsCells) {
  Report report = example_report();
  report.judgement.variants[0].why = "a|b <b>c</b>";
  const std::string text = markdown_report(report);
  EXPECT_TRUE(contains(text, "**GO**: limit64 holds"));
  EXPECT_TRUE(contains(text, "### main (screen)"));
  EXPECT_TRUE(contains(text, "### guard (replay)"));
  EXPECT_TRUE(contains(text, "a\\|b &lt;b&gt;c"));
  EXPECT_TRUE(contains(text, "ops&gt;=+3% failed"));
  for (const std::string& line : split(text, '\n')) {
    if (line.empty() || line.front() != '|') continue;
    EXPECT_EQ(line.back(), '|') << line;
  }
}

TEST(Junit, EachGateIsATestCase) {
  Report report = example_report();
  report.judgement.gates[0].state = GateState::kUndecided;
  report.judgement.gates[1].state = GateState::kUnmeasured;
  report.judgement.gates[2].state = GateState::kBlind;
  report.judgement.gates[2].why = "say \"no\" <now>\x01\xff";
  const std::string text = junit_report(report);
  // Every gate, two hard kills, one invalid arm.
  EXPECT_EQ(count(text, "<testcase"), report.judgement.gates.size() + 3);
  EXPECT_EQ(count(text, "<skipped"), 2u);
  EXPECT_EQ(count(text, "<error"), 2u);
  std::size_t failures = 1;  // the hard kill
  for (const GateResult& gate : report.judgement.gates) {
    failures += gate.state == GateState::kFailed ? 1 : 0;
  }
  EXPECT_EQ(count(text, "<failure"), failures);
  EXPECT_TRUE(contains(text, "failures=\"" + std::to_string(failures) + "\""));
  EXPECT_TRUE(contains(text, "say &quot;no&quot; &lt;now&gt;??"));
}

TEST(Page, IsOneFileWithoutScriptOrNetwork) {
  for (const Report& report : {example_report(), example_ab_report()}) {
    const std::string page = experiment_page(report);
    EXPECT_FALSE(contains(page, "<script"));
    EXPECT_FALSE(contains(page, "http"));
    EXPECT_FALSE(contains(page, "url("));
    EXPECT_FALSE(contains(page, "@import"));
    EXPECT_FALSE(std::regex_search(page, std::regex(" (src|href|on[a-z]+)=")));
    EXPECT_FALSE(contains(page, "nan"));
    EXPECT_FALSE(std::regex_search(page, std::regex("=\"-?inf")));
    EXPECT_TRUE(contains(page, "prefers-color-scheme: dark"));
  }
}

TEST(Page, TheVerdictComesFirstAndEachWorkloadHasItsFigures) {
  const std::string page = experiment_page(example_report());
  EXPECT_LT(page.find("limit64 holds every gate"), page.find("<svg"));
  // Two stages of two lanes: two forests, one time line, one scatter each.
  EXPECT_EQ(count(page, "<svg"), 16u);
  EXPECT_EQ(count(page, "<desc>"), 16u);
  EXPECT_EQ(count(page, "<figcaption>"), 16u);
  EXPECT_TRUE(contains(page, "gate \u2265 +3%"));
  EXPECT_TRUE(contains(page, "resumed here"));
  EXPECT_TRUE(contains(page, "Caution:"));
  EXPECT_TRUE(contains(page, "no counter moved"));
}

TEST(Page, WordsFromOutsideAreEscaped) {
  Report report = example_report();
  report.experiment.plan.title = "<i>title</i>";
  report.experiment.plan.arms[1].settings = {"a=<b>"};
  for (SampleRecord& record : report.experiment.records) {
    if (!record.good()) record.failure = "printed <script>";
  }
  const std::string page = experiment_page(report);
  EXPECT_FALSE(contains(page, "<i>"));
  EXPECT_FALSE(contains(page, "<script"));
  EXPECT_TRUE(contains(page, "printed &lt;script&gt;"));
}

TEST(Page, AnExperimentWithoutARecordIsStillAPage) {
  Report report = example_report();
  report.experiment.records.clear();
  report.judgement = {};
  report.judgement.why = "nothing was run";
  report.conclusion = conclude_line(report.experiment, report.judgement);
  EXPECT_TRUE(contains(experiment_page(report), "nothing was run"));
  EXPECT_TRUE(contains(terminal_report(report, false), "nothing was run"));
  EXPECT_TRUE(contains(markdown_report(report), "nothing was run"));
}

TEST(TimeFigure, ShowsEverySampleAndMarksTheFailed) {
  const Report report = example_report();
  const std::vector<View> all = views(report);
  const std::string drawing = time_figure(report, all[0], "ops");
  const auto records = records_of(report, all[0]);
  std::size_t failed = 0;
  for (const SampleRecord* record : records) failed += record->good() ? 0 : 1;
  ASSERT_GT(failed, 0u);
  EXPECT_EQ(count(drawing, "<circle"), records.size() - failed);
  EXPECT_EQ(count(drawing, "class=\"failed\""), 2 * failed);
}

TEST(ForestFigure, AnUnboundedIntervalIsDrawnAndSaidSo) {
  Report report = example_report();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (Effect& effect : report.judgement.effects) {
    if (effect.estimate) effect.estimate->interval = {-kInfinity, kInfinity};
  }
  const std::string page = experiment_page(report);
  EXPECT_TRUE(contains(page, "[unbounded]"));
  EXPECT_TRUE(contains(page, "interval open"));
  EXPECT_FALSE(std::regex_search(page, std::regex("=\"-?(inf|nan)")));
}

TEST(Explanation, NamesTheCountersThatMovedBeyondTheNoise) {
  const Report report = example_report();
  const auto moves = telling_counters(report, views(report)[0]);
  ASSERT_GE(moves.size(), 2u);
  EXPECT_EQ(moves[0].counter, "spills");
  EXPECT_EQ(moves[1].counter, "stash_drains");
  EXPECT_LT(moves[1].medians.at("limit64"), 0.7 * moves[1].base);
  EXPECT_TRUE(telling_counters(report, views(report)[0], 1).size() == 1);
  EXPECT_EQ(move_words(0, 412), "0 to 412");
  EXPECT_EQ(move_words(100, 150), "+50.0%");
  EXPECT_EQ(move_words(100, std::nullopt), "-");
}

TEST(Svg, TicksAreRoundAndWithin) {
  EXPECT_EQ(svg::ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_TRUE(svg::ticks(1, 1, 5).empty());
  EXPECT_EQ(svg::typographic("-3% [-1.2, a-1] x-y"), "\u22123% [\u22121.2, a-1] x-y");
  EXPECT_EQ(svg::shorten("abcdef", 4), "abc\u2026");
}

TEST(Svg, TicksOfSmallChangesArePerCentAndOfLargeOnesFactors) {
  const auto labels = [](const svg::Axis& axis) {
    std::vector<std::string> found;
    for (const svg::Tick& tick : svg::change_ticks(axis, 40)) found.push_back(tick.label);
    std::sort(found.begin(), found.end());
    return found;
  };
  EXPECT_EQ(labels({-0.012, 0.021, 0, 200}), (std::vector<std::string>{"+1%", "+2%", "-1%", "0%"}));
  EXPECT_EQ(labels({-2, 2.5, 0, 400}), (std::vector<std::string>{"\u00d71", "\u00d710", "\u00d72",
                                                                 "\u00d75", "\u00f72", "\u00f75"}));
}

TEST(Wording, FiguresForPeople) {
  EXPECT_EQ(metric_value("rss_peak_kib", 43008), "42.0 MiB");
  EXPECT_EQ(metric_value("ops", 24.46e6), "24.5 M ops/s");
  EXPECT_EQ(metric_value("wall_s", 0.0123), "0.0123 s");
  EXPECT_EQ(metric_value("p99", 812), "812");
  EXPECT_EQ(metric_value("ops", std::nullopt), "-");
  EXPECT_EQ(count_words(812345), "812.3 k");
  EXPECT_EQ(percent_width(0.0061), "0.61%");
  EXPECT_EQ(percent(std::log(1.031)), "+3.1%");
  EXPECT_EQ(percent(std::log(31.4)), "+3040%");
  EXPECT_EQ(percent(-1e-5), "0.0%");
}

}  // namespace
}  // namespace tamari::lab
