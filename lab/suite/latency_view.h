// The report of `tamari bench suite --latency`: what single calls of malloc and free cost.
#pragma once

#include "lab/document.h"
#include "lab/suite/standings.h"

namespace tamari::lab {

Document latency_document(const SuiteReport& report, const SuiteFigures& figures);

}  // namespace tamari::lab
