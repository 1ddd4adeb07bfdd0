// How figures, gates and verdicts are said: the same words in every report. Plain ASCII, so that
// a terminal can align them.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "lab/experiment/report.h"

namespace tamari::lab {

// A log-ratio as a change, with as many figures as can matter: "+3.1%", "+3039%", never "-0.0%".
std::string percent(double log_ratio);
// A width, without a sign: "1.2%".
std::string percent_width(double log_ratio);
// "+0.8% [-0.5, +2.1]", or "-" without an estimate.
std::string effect_words(const std::optional<Estimate>& estimate);

// "speed", "peak RSS"; an unknown metric goes by its own name.
std::string metric_label(const std::string& metric);
// "41.2 MiB", "12.3 M ops/s", "-".
std::string metric_value(const std::string& metric, std::optional<double> value);
// A count of anything: "812", "12.3 k", "4.56 M".
std::string count_words(double count);

std::string gate_words(const Gate& gate);  // without its workload: "ops>=+3%"
Tone tone_of(GateState state);
Tone tone_of(Verdict verdict);

// What a smaller and a greater value are called: "slower", "faster".
std::pair<std::string, std::string> direction_words(const std::string& metric);
// What an interval shows of a metric: "faster", "more memory", "no change seen", "unknown".
std::string finding_words(const Report& report, const View& view, const std::string& metric,
                          const std::string& arm);
// Of every metric shown: "faster, no change seen of peak RSS".
std::string findings_words(const Report& report, const View& view, const std::string& arm);
// Why an arm has its verdict; where nothing is judged, what was seen of it.
std::string reason_words(const Report& report, const VariantVerdict& variant);
// "the harness can see 0.6% of speed on this machine today (A/A +0.1% [-0.4, +0.6], n=18)".
std::string resolution_words(const Report& report, const View& view, const std::string& metric);

// The same of every view in one line: "the harness can see 0.6% of speed on main, ... today".
std::string today_words(const Report& report);

std::string view_name(const Report& report, const View& view);  // "main (screen)", "main"
// "10 blocks; gates main: ops>=+3%; winners of the stage before only".
std::string stage_words(const Stage& stage);
std::string kill_words(const HardKill& rule);  // "alloc_slow_calls up by more than +5%"
std::string order_words(Order order);
// "5 of 120 samples failed", "120 samples, none failed".
std::string sample_words(const Report& report);
// The command that the workload runs, for a shell.
std::string command_words(const Workload& workload);

}  // namespace tamari::lab
