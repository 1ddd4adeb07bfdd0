// Which rows of a suite run.
#pragma once

#include <string>
#include <vector>

#include "lab/suite/suite_report.h"

namespace tamari::lab {

// One row for each line "  NAME  DESCRIPTION".
std::vector<SuiteRow> parse_row_list(const std::string& text);

// The row at one place of a series, without its command.
SuiteRow place_in_series(const SuiteRow& series, double at, const std::string& label);

// What a benchmark program prints for --list.
std::vector<SuiteRow> listed_rows(const std::string& bench);

// Those of the names, in the order of `rows`; all of them for no names. An unknown name is a
// CommandError that calls the rows `what` and names the nearest.
std::vector<SuiteRow> choose_rows(const std::vector<SuiteRow>& rows,
                                  const std::vector<std::string>& names, const std::string& what);

// For --list.
void print_rows(const std::vector<SuiteRow>& rows);

}  // namespace tamari::lab
