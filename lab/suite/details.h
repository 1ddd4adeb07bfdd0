// The sections of a suite's report that hold the figures themselves: every allocator on every row,
// the samples that failed, the libraries that ran.
#pragma once

#include "lab/document.h"
#include "lab/suite/standings.h"

namespace tamari::lab {

DocumentSection details_section(const SuiteFigures& figures);

// Without a paragraph if no sample failed.
DocumentSection failures_section(const SuiteReport& report);

DocumentSection libraries_section(const SuiteReport& report);

}  // namespace tamari::lab
