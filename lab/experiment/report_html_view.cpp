// See report_html.h: one workload in one stage.
#include <fmt/format.h>

#include <algorithm>

#include "lab/experiment/explanation.h"
#include "lab/experiment/figures.h"
#include "lab/experiment/html_table.h"
#include "lab/experiment/machine_words.h"
#include "lab/experiment/report_html.h"
#include "lab/experiment/wording.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

std::string figure(const std::string& caption, const std::string& note,
                   const std::string& drawing) {
  return fmt::format(
      "<figure><figcaption>{} <span class=\"soft\">{}</span></figcaption>\n"
      "<div class=\"wide\">{}</div></figure>\n",
      cell(caption), cell(note), drawing);
}

std::string forests(const Report& report, const View& view) {
  std::string text = "<div class=\"pair\">\n";
  for (const std::string& metric : view.metrics) {
    text += figure(metric_label(metric) + " against " + base_name(report.experiment.plan),
                   "95 % intervals; dots: blocks; shaded: today's resolution (A/A)",
                   forest_figure(report, view, metric));
  }
  return text + "</div>\n";
}

std::string gates_table(const Report& report, const View& view) {
  HtmlTable table({"arm", "gate", "", "why"}, HtmlTable::Cells::kWords);
  for (const GateResult* gate : gates_of(report, view)) {
    table.add({cell(gate->arm), unbroken_cell(gate_words(gate->gate)),
               toned_cell(tone_of(gate->state), name_of(gate->state)), reason_cell(gate->why)});
  }
  return table.empty() ? "" : "<h3>Gates</h3>\n" + table.render();
}

std::string seen_table(const Report& report, const View& view) {
  HtmlTable table({"arm", "what was seen", "blocks"}, HtmlTable::Cells::kWords);
  for (const std::string& arm : view.arms) {
    const Effect* effect = find_effect(report, view, view.metrics.front(), arm);
    const bool again = is_again(report.experiment.plan, arm);
    table.add({cell(arm),
               again ? "the base against itself" : reason_cell(findings_words(report, view, arm)),
               effect == nullptr ? "-" : std::to_string(effect->blocks.size())});
  }
  return table.render();
}

std::string speed_and_memory(const Report& report, const View& view) {
  const std::string drawing = scatter_figure(report, view);
  const std::string scatter =
      drawing.empty()
          ? ""
          : figure(metric_label(view.metrics[0]) + " against " + metric_label(view.metrics[1]),
                   "the better corner is the top left", drawing);
  return "<div class=\"pair\">\n" + scatter + "<div>" + seen_table(report, view) + "</div></div>\n";
}

std::string in_time(const Report& report, const View& view) {
  const std::string& metric = view.metrics.front();
  return figure(
      metric_label(metric) + " of every sample in time order",
      "line: median of the base, dashed: of the arm; cross: failed; ring: beyond the scale",
      time_figure(report, view, metric));
}

std::string counters(const Report& report, const View& view) {
  const std::vector<CounterMove> moves = telling_counters(report, view);
  if (moves.empty()) {
    return "<p class=\"soft\">No counter differs from the base's by more than the base's copy "
           "does.</p>\n";
  }
  std::vector<std::string> headings = {"counter", base_name(report.experiment.plan)};
  std::vector<std::string> arms = view.arms;
  std::erase_if(arms,
                [&](const std::string& arm) { return moves.front().medians.count(arm) == 0; });
  headings.insert(headings.end(), arms.begin(), arms.end());
  HtmlTable table(headings);
  for (const CounterMove& move : moves) {
    std::vector<std::string> cells = {cell(move.counter), cell(count_words(move.base))};
    for (const std::string& arm : arms) {
      const auto found = move.medians.find(arm);
      cells.push_back(
          cell(found == move.medians.end() ? "-" : move_words(move.base, found->second)));
    }
    table.add(cells);
  }
  return "<h3>Counters that moved most</h3>\n<p class=\"soft\">Medians against the base's, the "
         "clearest beyond the A/A arm's first.</p>\n" +
         table.render();
}

std::vector<std::string> measured_metrics(const Report& report, const View& view) {
  std::vector<std::string> metrics;
  for (const Effect& effect : report.judgement.effects) {
    if (effect.stage != view.stage->name || effect.workload != view.workload->name) continue;
    if (std::find(metrics.begin(), metrics.end(), effect.metric) == metrics.end()) {
      metrics.push_back(effect.metric);
    }
  }
  return metrics;
}

std::string effect_cell(const Effect* effect) {
  if (effect == nullptr) return "-";
  std::string text = cell(metric_value(effect->metric, effect->median_arm)) + "<br>" +
                     "<span class=\"soft\">" + cell(effect_words(effect->estimate)) + "</span>";
  if (effect->estimate && effect->estimate->bootstrap) {
    const Interval& bootstrap = *effect->estimate->bootstrap;
    text += fmt::format("<br><span class=\"soft\">bootstrap [{}, {}]</span>",
                        percent(bootstrap.low), percent(bootstrap.high));
  }
  if (effect->machines) {
    text += fmt::format("<br><span class=\"soft\">machines: I\u00b2 {:.0f} %, p {:.2g}</span>",
                        effect->machines->i_squared * 100, effect->machines->p);
  }
  return text;
}

std::string all_metrics(const Report& report, const View& view) {
  std::vector<std::string> headings = {"metric", base_name(report.experiment.plan)};
  headings.insert(headings.end(), view.arms.begin(), view.arms.end());
  HtmlTable table(headings);
  for (const std::string& metric : measured_metrics(report, view)) {
    std::vector<std::string> cells = {cell(metric_label(metric))};
    const Effect* first = find_effect(report, view, metric, view.arms.front());
    cells.push_back(cell(metric_value(metric, first ? first->median_base : std::nullopt)));
    for (const std::string& arm : view.arms) {
      cells.push_back(effect_cell(find_effect(report, view, metric, arm)));
    }
    table.add(cells);
  }
  return table.empty() ? ""
                       : details(
                             "Every metric: medians, and changes with their intervals, exact and "
                             "by bootstrap",
                             table.render());
}

}  // namespace

std::string view_section(const Report& report, const View& view) {
  const std::string about = view.workload->lane ? view.workload->lane->about : "";
  const std::string agreement = agreement_words(report, view, view.metrics.front());
  return fmt::format(
             "<section><h2>{}</h2>\n<p class=\"soft\">{}{}<code>{}</code></p>\n<p>A/A: {}.{}</p>\n",
             cell(view_name(report, view)), cell(about), about.empty() ? "" : "<br>",
             escape_html(command_words(*view.workload)),
             cell(resolution_words(report, view, view.metrics.front())),
             agreement.empty() ? "" : "<br>" + cell(agreement) + ".") +
         forests(report, view) + in_time(report, view) + speed_and_memory(report, view) +
         gates_table(report, view) + counters(report, view) + all_metrics(report, view) +
         "</section>\n";
}

}  // namespace tamari::lab
