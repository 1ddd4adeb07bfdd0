// The figures within the judge's sentences.
#pragma once

#include <string>

#include "lab/experiment/judgement.h"

namespace tamari::lab {

// A log-ratio as a change: "+0.4%".
std::string change_words(double log_ratio);
// "+0.4% [-0.9, +1.6]"; where the blocks do not bound it: "+0.4% [unbounded]".
std::string estimate_words(const Estimate& estimate);
// "main ops".
std::string subject_words(const GateResult& result);
// "1 block", "2 blocks".
std::string counted(std::size_t count, const std::string& noun);
// " (about 24 blocks would tell)" or nothing.
std::string needed_words(const GateResult& result);

}  // namespace tamari::lab
