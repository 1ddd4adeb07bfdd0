// See page.h. Colours are variables, so that this sheet alone knows light and dark.
#include "lab/page.h"

#include <fmt/format.h>

#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kColours[] = R"(
:root { color-scheme: light dark; --ink: #1d2433; --soft: #5d6779; --paper: #ffffff;
  --line: #d8dde6; --panel: #f5f7fa; --band: #e6ebf3; --bar: #9db2cf; --ours: #c2571a;
  --good: #16764a; --bad: #bf2d23; --unsure: #8f6000; --mark: #2b5d9f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #9aa5b6; --paper: #14171d; --line: #343c4a; --panel: #1b2028;
    --band: #29313e; --bar: #4d6485; --ours: #ef8a4a; --good: #4fc78d; --bad: #ff7d73;
    --unsure: #dba945; --mark: #82b1ec; } }
)";

constexpr char kText[] = R"(
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
body.figures { max-width: 74rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
h3 { font-size: 1rem; margin-bottom: 0; }
.soft { color: var(--soft); } code { font-size: .9em; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
div.wide { overflow-x: auto; } tr.ours td { font-weight: 600; }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 13px; }
svg .bar { fill: var(--bar); } svg .ours { fill: var(--ours); }
svg .whisker { stroke: var(--ink); stroke-width: 1.5; }
)";

// Of the pages about experiments.
constexpr char kVerdicts[] = R"(
body.figures h2 { border-top: 1px solid var(--line); padding-top: 1.5rem; }
.verdict { background: var(--panel); border-left: .4rem solid var(--soft); border-radius: .3rem;
  padding: .8rem 1.2rem; margin: 1rem 0; }
.verdict p { margin: .3rem 0; } .verdict .sentence { font-size: 1.2rem; line-height: 1.4; }
.good { color: var(--good); } .bad { color: var(--bad); } .unsure { color: var(--unsure); }
.verdict.good, .verdict.bad, .verdict.unsure { color: var(--ink); border-color: var(--soft); }
.verdict.good { border-color: var(--good); } .verdict.bad { border-color: var(--bad); }
.verdict.unsure { border-color: var(--unsure); }
b.good, b.bad, b.unsure, .whole { white-space: nowrap; }
.reason { min-width: 13rem; }
.cautions { border: 1px solid var(--unsure); border-radius: .3rem; padding: .5rem 1.2rem;
  margin: 1rem 0; } .cautions p { margin: .2rem 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr));
  gap: .5rem 2rem; } .pair > * { min-width: 0; }
figure { margin: 1.2rem 0 .4rem; min-width: 0; }
figcaption { font-weight: 600; } figcaption .soft { font-weight: 400; }
summary { cursor: pointer; margin: .8rem 0; }
table.words th, table.words td { text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 600; white-space: nowrap; }
)";

constexpr char kFigures[] = R"(
.figures svg.half { min-width: 27rem; } .figures svg.full { min-width: 46rem; }
svg .soft { fill: var(--soft); } svg .small { font-size: 11.5px; }
svg .strong { font-weight: 600; }
svg .band { fill: var(--band); } svg .axis { stroke: var(--line); }
svg .zero { stroke: var(--soft); } svg .gate { stroke: var(--ink); stroke-dasharray: 5 3; }
svg .median { stroke: var(--soft); stroke-dasharray: 2 3; }
svg .session { stroke: var(--unsure); stroke-dasharray: 1 3; stroke-width: 1.5; }
svg .interval { stroke: currentColor; stroke-width: 2.5; stroke-linecap: round; }
svg .open { stroke-dasharray: 1 6; stroke-opacity: .5; }
svg .block { fill: var(--soft); fill-opacity: .45; } svg .dot { fill: currentColor; }
svg .beyond { fill: none; stroke: currentColor; stroke-opacity: .7; }
svg .cross { stroke: currentColor; stroke-width: 1.2; stroke-opacity: .55; }
svg .curve { stroke: var(--soft); stroke-width: 1.2; } svg .our-curve { stroke: var(--ours); stroke-width: 2.5; }
svg .our-point { color: var(--ours); }
svg .strip { fill: var(--panel); } svg .leader { stroke: var(--bar); stroke-dasharray: 1 3; } svg .failed { stroke: var(--bad); stroke-width: 2; }
svg .mark { color: var(--mark); } svg .plain { color: var(--soft); }
svg g.good, svg g.bad, svg g.unsure { fill: none; }
svg text.good { fill: var(--good); } svg text.bad { fill: var(--bad); }
svg text.unsure { fill: var(--unsure); }
svg .heat { fill: var(--mark); } svg .tamari-heat { fill: var(--ours); }
svg .within { fill: var(--bar); } svg .ahead { fill: var(--good); fill-opacity: .75; }
svg .beyond-limit { fill: var(--bad); fill-opacity: .85; }
)";

}  // namespace

std::string html_page(const std::string& title, const std::string& body, PageWidth width) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>{}{}{}{}</style></head>\n<body{}>\n{}</body></html>\n",
      escape_html(title), kColours, kText, kVerdicts, kFigures,
      width == PageWidth::kFigures ? " class=\"figures\"" : "", body);
}

}  // namespace tamari::lab
