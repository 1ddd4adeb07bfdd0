// The curves: what is drawn, what is left out, and that no name lies on another.
#include "lab/suite/curve_figure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

namespace tamari::lab {
namespace {

CurveChart example(const std::vector<Curve>& curves) {
  return {"speed", "logarithmic", {1, 2, 4}, {"1", "2", "4"}, curves};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::vector<double> heights(const std::string& svg, const std::string& words) {
  const std::regex pattern("<text [^>]*y=\"([0-9.]+)\"[^>]*>" + words + "</text>");
  std::vector<double> found;
  for (auto at = std::sregex_iterator(svg.begin(), svg.end(), pattern);
       at != std::sregex_iterator(); ++at) {
    found.push_back(std::stod((*at)[1]));
  }
  return found;
}

TEST(CurveFigure, EachValueIsADotAndNeighboursAreJoined) {
  const std::string svg = curve_figure(example({{"tamari", {1, 2, 4}}, {"other", {1, 1, 1}}}));
  EXPECT_EQ(count(svg, "<circle"), 6u);
  EXPECT_EQ(count(svg, "class=\"our-curve\""), 2u);
  EXPECT_EQ(count(svg, "class=\"curve\""), 2u);
}

TEST(CurveFigure, ValuesThatAreMissingOrZeroAreNotDrawn) {
  const std::string svg = curve_figure(example({{"a", {1, std::nullopt, 4}}, {"b", {0, 2, 2}}}));
  EXPECT_EQ(count(svg, "<circle"), 4u);
  EXPECT_EQ(curve_figure(example({{"a", {std::nullopt, 0, std::nullopt}}})), "");
  EXPECT_EQ(curve_figure(example({})), "");
}

TEST(CurveFigure, NoNameLiesOnAnother) {
  std::vector<Curve> curves;
  for (int i = 0; i < 6; ++i) curves.push_back({"same", {1, 1, 1}});
  for (int i = 0; i < 3; ++i) curves.push_back({"same", {1, 1, 0.01}});
  std::vector<double> y = heights(curve_figure(example(curves)), "same");
  ASSERT_EQ(y.size(), 9u);
  std::sort(y.begin(), y.end());
  for (std::size_t i = 1; i < y.size(); ++i) EXPECT_GE(y[i] - y[i - 1], 14.9) << i;
}

TEST(CurveFigure, AFactorIsAsHighEverywhere) {
  const std::string svg = curve_figure(example({{"a", {1, 10, 100}}}));
  const std::regex circle("<circle [^>]*cy=\"([0-9.]+)\"");
  std::vector<double> y;
  for (auto at = std::sregex_iterator(svg.begin(), svg.end(), circle); at != std::sregex_iterator();
       ++at) {
    y.push_back(std::stod((*at)[1]));
  }
  ASSERT_EQ(y.size(), 3u);
  EXPECT_NEAR(y[0] - y[1], y[1] - y[2], 0.2);
  EXPECT_GT(y[0], y[1]);
}

}  // namespace
}  // namespace tamari::lab
