// See svg.h.
#include "lab/experiment/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "lab/text.h"

namespace tamari::lab::svg {
namespace {

constexpr double kPercent = 100;

// 1, 2 or 5 times a power of ten, near the wish.
double round_step(double wish) {
  const double power = std::pow(10, std::floor(std::log10(wish)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= wish * 0.999) return factor * power;
  }
  return 10 * power;
}

const char* name_of(Anchor anchor) {
  constexpr const char* kNames[] = {"start", "middle", "end"};
  return kNames[static_cast<int>(anchor)];
}

Tick percent_tick(double percent) {
  if (std::abs(percent) < 1e-9) return {0, "0%"};
  return {std::log1p(percent / kPercent), fmt::format("{:+.4g}%", percent)};
}

std::vector<Tick> percent_ticks(const Axis& axis, double gap) {
  const double room = std::abs(axis.end - axis.start) / gap;
  const double low = std::expm1(axis.low) * kPercent;
  const double high = std::expm1(axis.high) * kPercent;
  std::vector<Tick> found;
  for (const double percent : ticks(low, high, std::max(1, static_cast<int>(room)))) {
    found.push_back(percent_tick(percent));
  }
  return found;
}

// Both sides of no change alike: x2 and /2, x5 and /5, ...
std::vector<Tick> factor_ticks(const Axis& axis) {
  constexpr double kMost = 1e9;
  std::vector<Tick> found = {{0, "\u00d71"}};
  for (double power = 1; power < kMost; power *= 10) {
    for (const double factor : {2 * power, 5 * power, 10 * power}) {
      const double value = std::log(factor);
      if (axis.shows(value)) found.push_back({value, fmt::format("\u00d7{:g}", factor)});
      if (axis.shows(-value)) found.push_back({-value, fmt::format("\u00f7{:g}", factor)});
    }
  }
  return found;
}

}  // namespace

double Axis::at(double value) const { return start + (value - low) / (high - low) * (end - start); }

double Axis::clamped(double value) const { return at(std::clamp(value, low, high)); }

std::vector<double> ticks(double low, double high, int count) {
  std::vector<double> values;
  if (!(high > low)) return values;
  const double step = round_step((high - low) / count);
  for (double n = std::ceil(low / step); n * step <= high; ++n) values.push_back(n * step);
  return values;
}

std::vector<Tick> change_ticks(const Axis& axis, double gap) {
  constexpr double kWide = 1.1;  // a factor of three
  const std::vector<Tick> wanted =
      axis.high - axis.low < kWide ? percent_ticks(axis, gap) : factor_ticks(axis);
  std::vector<Tick> ticks;
  // "No change" is always there, so it is placed first; the others keep clear of it.
  for (const Tick& tick : wanted) {
    if (tick.value == 0) ticks.push_back(tick);
  }
  for (const Tick& tick : wanted) {
    const bool clear = std::all_of(ticks.begin(), ticks.end(), [&](const Tick& other) {
      return std::abs(axis.at(tick.value) - axis.at(other.value)) >= gap;
    });
    if (clear) ticks.push_back(tick);
  }
  return ticks;
}

std::string line(double x1, double y1, double x2, double y2, std::string_view css) {
  return fmt::format(
      "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", css, x1, y1,
      x2, y2);
}

std::string rect(double x, double y, double width, double height, std::string_view css) {
  return fmt::format(
      "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n", css, x,
      y, width, height);
}

std::string circle(double x, double y, double radius, std::string_view css) {
  return fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>\n", css, x, y,
                     radius);
}

std::string text(double x, double middle, Anchor anchor, const std::string& words,
                 std::string_view css) {
  constexpr double kBaseline = 4.5;  // below the middle of a line of 13 units
  return fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n",
                     css, x, middle + kBaseline, name_of(anchor), escape_html(typographic(words)));
}

std::string group(std::string_view css, const std::string& title, const std::string& body) {
  return fmt::format("<g class=\"{}\"><title>{}</title>\n{}</g>\n", css,
                     escape_html(typographic(title)), body);
}

std::string figure(Size size, std::string_view css, const std::string& title,
                   const std::string& description, const std::string& body) {
  return fmt::format(
      "<svg class=\"{}\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {:.0f} {:.0f}\">\n"
      "<desc>{}</desc>\n{}</svg>\n",
      css, escape_html(title), size.width, size.height, escape_html(description), body);
}

std::string shorten(const std::string& words, std::size_t letters) {
  return words.size() <= letters ? words : words.substr(0, letters - 1) + "\u2026";
}

std::string typographic(const std::string& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool sign = i == 0 || words[i - 1] == ' ' || words[i - 1] == '[';
    const bool digit = i + 1 < words.size() && std::isdigit(words[i + 1] & 0x7f) != 0;
    text += words[i] == '-' && sign && digit ? "\u2212" : std::string(1, words[i]);
  }
  return text;
}

}  // namespace tamari::lab::svg
