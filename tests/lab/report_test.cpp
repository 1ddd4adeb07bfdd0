#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/report_html.h"
#include "lab/report_json.h"
#include "lab/report_text.h"
#include "lab/table.h"

namespace tamari::lab {
namespace {

BenchReport example() {
  Sample good;
  good.arm = "tamari";
  good.values = {{kSpeed, 2e6}, {kPeak, 2048}};
  Sample bad;
  bad.arm = "peer<1>";
  bad.failure = "killed by <something>";
  BenchReport report;
  report.contestants.refused = {{"stranger", "malloc comes from elsewhere"}};
  report.lanes.resize(1);
  report.lanes[0].lane = find_lane("main");
  report.lanes[0].arms = {"tamari", "peer<1>"};
  report.lanes[0].samples = {good, bad};
  return report;
}

TEST(JsonReport, KeepsEverySampleAndSaysNullForUnknown) {
  const auto json = nlohmann::json::parse(json_report(example()));
  EXPECT_EQ(json["schema"], "tamari.bench.lanes/1");
  const auto& lane = json["lanes"][0];
  ASSERT_EQ(lane["samples"].size(), 2u);
  EXPECT_EQ(lane["samples"][0]["values"][kSpeed], 2e6);
  EXPECT_TRUE(lane["samples"][0]["failure"].is_null());
  EXPECT_TRUE(lane["samples"][1]["values"].is_null());
  EXPECT_EQ(lane["samples"][1]["failure"], "killed by <something>");
  EXPECT_TRUE(lane["arms"][1]["metrics"][kSpeed]["median"].is_null());
  EXPECT_TRUE(lane["tamari_to_fastest_peer"].is_null());
  EXPECT_TRUE(json["environment"]["governor"].is_null());
  EXPECT_EQ(json["refused_arms"][0]["name"], "stranger");
}

TEST(HtmlReport, IsSelfContainedAndEscaped) {
  const std::string page = html_report(example());
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_NE(page.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_NE(page.find("peer&lt;1&gt;"), std::string::npos);
  EXPECT_NE(page.find("killed by &lt;something&gt;"), std::string::npos);
  EXPECT_NE(page.find("no good sample"), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
}

TEST(FormatRatio, ShowsTheIntervalWhereThereIsOne) {
  EXPECT_EQ(format_ratio({1.5, Interval{1.25, 2}}), "1.50x [1.25, 2.00]");
  EXPECT_EQ(format_ratio({1.5, std::nullopt}), "1.50x");
}

TEST(Table, AlignsFiguresRightAndColoursOnlyWhenAsked) {
  Table table({"arm", "speed"});
  table.add({"tamari", "1"}, true);
  EXPECT_EQ(table.render(false), "arm     speed\ntamari      1\n");
  EXPECT_NE(table.render(true).find("\033[1m"), std::string::npos);
}

}  // namespace
}  // namespace tamari::lab
