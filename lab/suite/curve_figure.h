// Curves as inline SVG: one for each allocator, both axes logarithmic, the names at the right ends.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tamari::lab {

struct Curve {
  std::string name;
  std::vector<std::optional<double>> values;  // one for each place of the chart; 0 is not drawn
};

struct CurveChart {
  std::string title;
  std::string note;
  std::vector<double> at;           // ascending, above 0
  std::vector<std::string> labels;  // of the places
  std::vector<Curve> curves;
};

// Empty if no curve has a value.
std::string curve_figure(const CurveChart& chart);

}  // namespace tamari::lab
