// See view.h.
#include "lab/suite/view.h"

#include <fmt/format.h>

#include "lab/report_text.h"
#include "lab/suite/details.h"
#include "lab/suite/figure.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

std::string mean_words(const Mean& mean) { return format_or_dash(mean.ratio, 3); }

TonedWords ratio_cell(const std::optional<Standing>& standing, bool beyond) {
  if (!standing) return "-";
  return {format_ratio(standing->ratio), beyond ? Tone::kBad : Tone::kPlain};
}

std::string peer_words(const std::optional<Standing>& standing) {
  return standing ? standing->peer : "-";
}

DocumentTable peers_table(const SuiteReport& report, const SuiteFigures& figures) {
  DocumentTable table;
  table.heading = {"allocator", "rows", "time", "CPU time", "peak RSS", "remark"};
  const auto mark = [&](const PeerMeans& peer) {
    std::vector<std::string> best;
    if (figures.best_peer(&PeerMeans::time) == &peer) best.emplace_back("time");
    if (figures.best_peer(&PeerMeans::cpu) == &peer) best.emplace_back("CPU time");
    if (figures.best_peer(&PeerMeans::peak) == &peer) best.emplace_back("peak RSS");
    return best.empty() ? "" : "best peer in " + join(best, ", ");
  };
  for (const PeerMeans& peer : figures.peers) {
    table.rows.push_back({peer.peer, std::to_string(peer.time.rows), mean_words(peer.time),
                          mean_words(peer.cpu), mean_words(peer.peak), mark(peer)});
  }
  for (const RefusedArm& arm : report.contestants.refused) {
    table.rows.push_back(
        {arm.name, "0", "-", "-", "-", "refused, does not own malloc: " + arm.reason});
  }
  for (const MissingPeer& peer : report.contestants.missing) {
    table.rows.push_back({peer.name, "0", "-", "-", "-", "not installed: " + peer.advice});
  }
  return table;
}

std::string mean_sentence(const char* what, const SuiteFigures& figures, Mean PeerMeans::*mean) {
  const PeerMeans* best = figures.best_peer(mean);
  if (best == nullptr) return {};
  const double ratio = *(best->*mean).ratio;
  return fmt::format("{} {:.3f}x of the best single peer's ({}, {} rows)", what, ratio, best->peer,
                     (best->*mean).rows);
}

DocumentSection summary_section(const SuiteReport& report, const SuiteFigures& figures) {
  DocumentSection section;
  section.title = "tamari against each allocator";
  std::vector<std::string> parts = {mean_sentence("time", figures, &PeerMeans::time),
                                    mean_sentence("CPU time", figures, &PeerMeans::cpu),
                                    mean_sentence("peak RSS", figures, &PeerMeans::peak)};
  std::erase(parts, "");
  if (!parts.empty()) section.paragraphs.push_back("Geometric means: " + join(parts, "; ") + ".");
  section.paragraphs.emplace_back(
      "Ratios are tamari's figure over the other's: below 1 tamari is faster or leaner.");
  section.tables.push_back(peers_table(report, figures));
  return section;
}

std::vector<TonedWords> standing_row(const RowFigures& row) {
  const ArmSummary* mine = row.arm("tamari");
  const auto median = [&](const char* key, int decimals, double unit) {
    return format_or_dash(mine == nullptr ? std::nullopt : mine->median_of(key), decimals, unit);
  };
  std::vector<std::string> beyond;
  if (row.beyond_time()) beyond.emplace_back("time");
  if (row.beyond_peak()) beyond.emplace_back("RSS");
  return {row.run->row.name,
          median(time_key(row.run->row), 3, 1),
          ratio_cell(row.time, row.beyond_time()),
          peer_words(row.time),
          ratio_cell(row.cpu, false),
          median(kPeak, 1, kKibPerMib),
          ratio_cell(row.peak, row.beyond_peak()),
          peer_words(row.peak),
          {join(beyond, ", "), beyond.empty() ? Tone::kPlain : Tone::kBad}};
}

DocumentSection rows_section(const SuiteReport& report, const SuiteFigures& figures) {
  DocumentSection section;
  section.title = "tamari against the best peer of each row";
  std::size_t slow = 0;
  std::size_t large = 0;
  for (const RowFigures& row : figures.rows) {
    slow += row.beyond_time() ? 1 : 0;
    large += row.beyond_peak() ? 1 : 0;
  }
  section.paragraphs.push_back(fmt::format(
      "Of {} rows, {} beyond {:.2f}x in time and {} beyond {:.2f}x in peak RSS. Brackets "
      "are 95 % bootstrap intervals of the ratio of medians, by rounds.",
      figures.rows.size(), slow, kTimeLimit, large, kMemoryLimit));
  for (const RowFigures& row : figures.rows) {
    if (!row.run->row.by_clock) continue;
    section.paragraphs.push_back(row.run->row.name +
                                 " is paced by the clock: its time is CPU time.");
  }
  section.figure = ratio_figures(figures);
  DocumentTable table;
  table.heading = {"row",      "tamari s",       "time ratio", "best",  "CPU ratio",
                   "peak MiB", "peak RSS ratio", "leanest",    "beyond"};
  for (const RowFigures& row : figures.rows) table.rows.push_back(standing_row(row));
  for (const MissingRow& row : report.missing_rows) {
    table.rows.push_back({row.name, "-", "-", "-", "-", "-", "-", "-", row.reason});
  }
  section.tables.push_back(table);
  return section;
}

// Where and when it ran, what was typed, and how much of it is there.
std::vector<std::string> origin_lines(const SuiteReport& report) {
  const Machine& machine = report.machine;
  const auto known = [](const std::string& word) { return word.empty() ? "unknown" : word; };
  std::vector<std::string> lines = {
      fmt::format("{}; {}; {} of {} CPUs; {}; {}", machine.date, known(machine.cpu_model),
                  machine.cpus_allowed, machine.cpus_online, known(machine.memory), machine.kernel),
      fmt::format("transparent huge pages {}; governor {}; load {}", known(machine.huge_pages),
                  known(machine.governor), known(machine.load_average)),
      report.command,
      fmt::format("{} rounds, scale {}, order seeded by {}; figures are medians",
                  report.rounds_done, report.scale, report.seed),
  };
  if (report.partial()) {
    lines.push_back(
        fmt::format("PARTIAL: {} of {} rounds are complete", report.rounds_done, report.runs));
  }
  return lines;
}

}  // namespace

Document suite_document(const std::string& title, const SuiteReport& report,
                        std::vector<DocumentSection> sections) {
  Document document;
  document.title = title;
  document.origin = origin_lines(report);
  document.sections = std::move(sections);
  if (DocumentSection failures = failures_section(report); !failures.paragraphs.empty()) {
    document.sections.push_back(std::move(failures));
  }
  document.sections.push_back(libraries_section(report));
  return document;
}

Document workloads_document(const SuiteReport& report, const SuiteFigures& figures) {
  const bool programs = report.kind == SuiteKind::kPrograms;
  return suite_document(
      programs ? "tamari bench programs" : "tamari bench suite", report,
      {summary_section(report, figures), rows_section(report, figures), details_section(figures)});
}

}  // namespace tamari::lab
