// The machine-readable summary, schema "tamari.experiment.summary/1": the plan, the machine, the
// verdicts, every effect and gate. A value that is unknown is null. Effects and their intervals are
// log-ratios. The samples themselves are in samples.tsv and samples.jsonl.
#pragma once

#include <string>

#include "lab/experiment/report.h"

namespace tamari::lab {

std::string summary_json(const Report& report);

}  // namespace tamari::lab
