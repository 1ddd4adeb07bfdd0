// The report of `tamari bench growth`: what an operation costs while one dimension grows.
#pragma once

#include "lab/document.h"
#include "lab/suite/standings.h"

namespace tamari::lab {

Document growth_document(const SuiteReport& report, const SuiteFigures& figures);

}  // namespace tamari::lab
