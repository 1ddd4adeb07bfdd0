// See report_junit.h.
#include "lab/experiment/report_junit.h"

#include <fmt/format.h>

#include "lab/experiment/wording.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

enum class Outcome { kPassed, kFailure, kSkipped, kError };

struct Case {
  std::string suite;
  std::string name;
  Outcome outcome = Outcome::kPassed;
  std::string message;
};

Outcome outcome_of(GateState state) {
  switch (state) {
    case GateState::kHeld:
      return Outcome::kPassed;
    case GateState::kFailed:
      return Outcome::kFailure;
    case GateState::kUnmeasured:
      return Outcome::kError;
    default:
      return Outcome::kSkipped;
  }
}

Outcome outcome_of(const HardKillResult& result) {
  if (!result.judged || !result.proved) return Outcome::kSkipped;
  return result.killed ? Outcome::kFailure : Outcome::kPassed;
}

const char* words_of(const HardKillResult& result) {
  if (!result.judged) return "its stage is not complete";
  return result.proved ? "the counter rose too far" : "the counter was never above zero";
}

std::vector<Case> all_cases(const Report& report) {
  std::vector<Case> cases;
  for (const GateResult& gate : report.judgement.gates) {
    cases.push_back({gate.stage + "." + gate.workload, gate.arm + ": " + gate_words(gate.gate),
                     outcome_of(gate.state), fmt::format("{}: {}", name_of(gate.state), gate.why)});
  }
  for (const HardKillResult& result : report.judgement.hard_kills) {
    cases.push_back({"hard_kill." + result.workload, result.arm + ": " + result.rule.counter,
                     outcome_of(result), words_of(result)});
  }
  for (const VariantVerdict& variant : report.judgement.variants) {
    if (variant.verdict != Verdict::kInvalid) continue;
    cases.push_back({"validity", variant.arm, Outcome::kError, variant.why});
  }
  return cases;
}

std::size_t count(const std::vector<Case>& cases, Outcome outcome) {
  std::size_t found = 0;
  for (const Case& test : cases) found += test.outcome == outcome ? 1 : 0;
  return found;
}

// Words may hold what a program printed, of any encoding, and XML is strict.
std::string attribute(const std::string& words) {
  std::string text;
  for (const char c : words) text += c >= ' ' && c <= '~' ? c : c == '\n' || c == '\t' ? ' ' : '?';
  return escape_html(text);
}

std::string case_xml(const Case& test) {
  constexpr const char* kElements[] = {"", "failure", "skipped", "error"};
  const std::string open = fmt::format("  <testcase classname=\"{}\" name=\"{}\"",
                                       attribute(test.suite), attribute(test.name));
  if (test.outcome == Outcome::kPassed) return open + "/>\n";
  return fmt::format("{}>\n    <{} message=\"{}\"/>\n  </testcase>\n", open,
                     kElements[static_cast<int>(test.outcome)], attribute(test.message));
}

}  // namespace

std::string junit_report(const Report& report) {
  const std::vector<Case> cases = all_cases(report);
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{}\" "
      "failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
      attribute(report.experiment.plan.name), cases.size(), count(cases, Outcome::kFailure),
      count(cases, Outcome::kError), count(cases, Outcome::kSkipped));
  for (const Case& test : cases) text += case_xml(test);
  return text + fmt::format("  <system-out>{}: {}</system-out>\n</testsuite>\n",
                            attribute(report.conclusion.word),
                            attribute(report.conclusion.sentence));
}

}  // namespace tamari::lab
