// The pieces of a figure: SVG shapes, an axis and its ticks. Colours are classes of the page's
// style sheet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tamari::lab::svg {

// Maps [low, high] to [start, end] of the drawing; start may lie beyond end.
struct Axis {
  double low = 0;
  double high = 1;
  double start = 0;
  double end = 1;

  double at(double value) const;
  double clamped(double value) const;  // at the edge for a value outside
  bool shows(double value) const { return value >= low && value <= high; }
};

// Round values within [low, high], about `count` of them.
std::vector<double> ticks(double low, double high, int count);
struct Tick {
  double value = 0;
  std::string label;
};
// Of an axis of log-ratios: round changes ("+5%") where all are small, else round factors ("x2"),
// never closer than `gap`.
std::vector<Tick> change_ticks(const Axis& axis, double gap);

std::string line(double x1, double y1, double x2, double y2, std::string_view css);
std::string rect(double x, double y, double width, double height, std::string_view css);
std::string circle(double x, double y, double radius, std::string_view css);

enum class Anchor { kStart, kMiddle, kEnd };
// `middle` is the height at which the words are centred; they may be any text.
std::string text(double x, double middle, Anchor anchor, const std::string& words,
                 std::string_view css = "");

// `title` is shown when the pointer rests on the group.
std::string group(std::string_view css, const std::string& title, const std::string& body);

struct Size {
  double width = 0;
  double height = 0;
};
std::string figure(Size size, std::string_view css, const std::string& title,
                   const std::string& description, const std::string& body);

// At most `letters` letters, the last an ellipsis where some are missing.
std::string shorten(const std::string& words, std::size_t letters);
// A true minus before a digit.
std::string typographic(const std::string& words);

}  // namespace tamari::lab::svg
