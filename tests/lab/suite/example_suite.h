// A made-up suite for the tests of its reports: three rows, of which one is beyond both limits and
// one has an allocator that fails; a peer that is not installed and one that is refused. Always the
// same.
#pragma once

#include "lab/suite/suite_report.h"

namespace tamari::lab {

SuiteReport example_suite();

// As `tamari bench suite --latency` makes one.
SuiteReport example_latency();

// Of the same allocators: `quick` grows beyond the limit on "heap", `lean` fails on one of its
// rows.
SuiteReport example_growth();

// On two processors: tamari scales perfectly, `quick` does not; `lean` frees less remotely.
SuiteReport example_scaling();

}  // namespace tamari::lab
