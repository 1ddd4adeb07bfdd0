// The report of `tamari bench scaling`: lanes at one thread, two, four and so on.
#pragma once

#include "lab/document.h"
#include "lab/suite/standings.h"

namespace tamari::lab {

Document scaling_document(const SuiteReport& report, const SuiteFigures& figures);

}  // namespace tamari::lab
