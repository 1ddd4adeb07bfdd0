// See report_html.h: the page and its head.
#include "lab/experiment/report_html.h"

#include <fmt/format.h>

#include "lab/experiment/figures.h"
#include "lab/experiment/html_table.h"
#include "lab/experiment/machine_words.h"
#include "lab/experiment/wording.h"
#include "lab/page.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

std::string title_of(const Plan& plan) { return plan.title.empty() ? plan.name : plan.title; }

std::string heading(const Report& report) {
  const Experiment& experiment = report.experiment;
  std::vector<std::string> parts = {experiment.machine.date, experiment.machine.cpu_model,
                                    sample_words(report), origin_words(experiment)};
  std::erase(parts, "");
  return fmt::format("<h1>{}</h1>\n<p class=\"soft\">{}</p>\n", cell(title_of(experiment.plan)),
                     cell(join(parts, "; ")));
}

std::string verdict_block(const Report& report) {
  const Conclusion& conclusion = report.conclusion;
  std::string text = fmt::format(
      "<section class=\"verdict {}\" aria-label=\"verdict\">\n<p class=\"sentence\">{}: {}</p>\n",
      css_of(conclusion.tone), toned_cell(conclusion.tone, conclusion.word),
      cell(conclusion.sentence));
  if (!report.judgement.complete) {
    text += "<p>Not every planned block is there; <code>--resume</code> takes the rest.</p>\n";
  }
  return text + fmt::format("<p class=\"soft\">By its A/A arm {}.</p>\n</section>\n",
                            cell(today_words(report)));
}

std::string reasons(const Report& report, const VariantVerdict& variant) {
  if (variant.stages.size() < 2) return reason_cell(reason_words(report, variant));
  std::string text;
  for (const StageOutcome& stage : variant.stages) {
    text +=
        fmt::format("{}: {} {}<br>", cell(stage.stage),
                    toned_cell(tone_of(stage.verdict), name_of(stage.verdict)), cell(stage.why));
  }
  return text;
}

std::string variants_table(const Report& report) {
  const bool judged = report.conclusion.tone != Tone::kPlain;
  HtmlTable table({"arm", "verdict", judged ? "why" : "what was seen", "failed samples"},
                  HtmlTable::Cells::kWords);
  for (const VariantVerdict& variant : report.judgement.variants) {
    table.add({cell(variant.arm),
               judged ? toned_cell(tone_of(variant.verdict), name_of(variant.verdict)) : "-",
               reasons(report, variant), std::to_string(variant.failed_samples)});
  }
  return table.empty() ? "" : table.render();
}

// The first few at once, the others when asked for.
std::string cautions(const Report& report) {
  constexpr std::size_t kAtOnce = 3;
  const std::vector<std::string>& all = report.judgement.cautions;
  if (all.empty()) return {};
  std::string shown;
  std::string others;
  for (std::size_t i = 0; i < all.size(); ++i) {
    (i < kAtOnce ? shown : others) +=
        fmt::format("<p>{} {}</p>\n", toned_cell(Tone::kUnsure, "Caution:"), cell(all[i]));
  }
  if (!others.empty()) others = details(fmt::format("{} more", all.size() - kAtOnce), others);
  return fmt::format("<section class=\"cautions\" aria-label=\"cautions\">\n{}{}</section>\n",
                     shown, others);
}

constexpr char kHowToRead[] =
    "<section><h2>How to read this</h2>\n<p>Every figure compares an arm with the base inside one "
    "block of samples, taken close together in shuffled order, each in a fresh process. An effect "
    "is the pseudo-median of the blocks' log-ratios; its 95 % interval holds the values that an "
    "exact signed-rank test does not reject. Gates are judged by wider intervals, corrected for "
    "the number of gates (Holm). The A/A arm is the base once more: whatever it shows is noise, "
    "and its interval gives the shaded band in the figures. No good sample is left out. Every "
    "figure can be recomputed from <code>samples.tsv</code>.</p></section>\n";

}  // namespace

std::string experiment_page(const Report& report) {
  std::string body =
      heading(report) + verdict_block(report) + cautions(report) + variants_table(report);
  for (const View& view : views(report)) body += view_section(report, view);
  body += liveness_section(report) + hard_kill_section(report) + plan_section(report) +
          arms_section(report) + environment_section(report) + failures_section(report) +
          kHowToRead;
  return html_page(title_of(report.experiment.plan), body, PageWidth::kFigures);
}

}  // namespace tamari::lab
