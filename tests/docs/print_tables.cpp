// Prints one of the documents that are made from the tables in src/config: script/docs writes them,
// the test docs.tables compares. Usage: print_tables tunables.md|counters.md|tamari-tunables.7
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string>

#include "config/layers.h"
#include "config/tunables.h"
#include "heap/statistics.h"

namespace {

using namespace tamari;

const char kSources[] =
    "Sources, the last wins: the default, the string `tamari_conf` that the program defines, the "
    "file `/etc/tamari.conf`, the environment variable `TAMARI_CONF`, `tamari_set()`. The file and "
    "the variable are not read by set-uid programs.";
const char kSyntax[] =
    "Entries are `key=value`, separated by commas or, in the file, by newlines. Numbers are "
    "decimal "
    "and may end in K, M, G or T (powers of 1024). A bad entry is one line on standard error and "
    "changes nothing.";
const char kLive[] =
    "\"live\": `tamari_set()` may change it while the program runs; slow paths read it. \"start\": "
    "it is read once, when the library starts.";
const char kExitReportForm[] = "text[:PATH] or json[:PATH]";
const char kExitReport[] =
    "statistics when the process ends, on standard error or in a file; %p in PATH is the process "
    "id";

const char* when_name(const TunableRow& row) {
  return row.when == TunableRow::kLive ? "live" : "start";
}

// 65536 as 64K, and so on, where that is exact.
std::string short_number(uint64_t value) {
  const char* suffix = "";
  for (const char* next : {"K", "M", "G", "T"}) {
    if (value == 0 || value % 1024 != 0) break;
    value /= 1024;
    suffix = next;
  }
  return std::to_string(value) + suffix;
}

std::string number_text(const TunableRow& row, uint64_t value) {
  return std::strcmp(row.unit, "bytes") == 0 ? short_number(value) : std::to_string(value);
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string default_text(const TunableRow& row) {
  if (!row.is_choice()) return number_text(row, row.initial);
  char buffer[64];
  Text out(buffer, sizeof buffer);
  Tunables().print(static_cast<size_t>(&row - kTunableRows), out);
  return buffer;
}

std::string allowed_text(const TunableRow& row) {
  if (row.is_choice()) return replace_all(row.unit, "|", ", ");
  std::string text = number_text(row, row.least) + " to " + number_text(row, row.greatest);
  if (std::strcmp(row.unit, "bool") != 0) text += std::string(" ") + row.unit;
  return text;
}

// --- Markdown

std::string in_cell(const std::string& text) { return replace_all(text, "|", "\\|"); }

void print_generated(const char* header) {
  std::printf("<!-- Made by script/docs from src/config/%s. Edit that, not this. -->\n\n", header);
}

void print_tunables_markdown() {
  std::printf("# Tunables\n\n");
  print_generated("tunables.h");
  std::printf("%s\n\n%s\n\n%s\n\n", kSources, kSyntax, kLive);
  std::printf(
      "`TAMARI_CONF=help PROGRAM` and `tamari options` print this list, with the value in force "
      "beside a default that it differs from. `tamari_get()` reads one value.\n\n");
  std::printf(
      "| name | default | allowed | takes effect | what it does |\n|---|---|---|---|---|\n");
  for (const TunableRow& row : kTunableRows) {
    std::printf("| `%s` | %s | %s | %s | %s |\n", row.name, default_text(row).c_str(),
                in_cell(allowed_text(row)).c_str(), when_name(row), in_cell(row.text).c_str());
  }
  std::printf("\nOne setting is text and has no row in the table:\n\n");
  std::printf(
      "| name | default | allowed | takes effect | what it does |\n|---|---|---|---|---|\n");
  std::printf("| `stats_at_exit` | none | %s | exit | %s |\n", kExitReportForm, kExitReport);
}

template <size_t N>
void print_rows_markdown(const CounterRow (&rows)[N]) {
  std::printf("| name | unit | meaning |\n|---|---|---|\n");
  for (const CounterRow& row : rows)
    std::printf("| `%s` | %s | %s |\n", row.name, row.unit, in_cell(row.text).c_str());
}

void print_counters_markdown() {
  std::printf("# Counters and gauges\n\n");
  print_generated("counters.h");
  std::printf(
      "`tamari_counter()` reads one by name; `tamari_stats_text()`, `tamari_stats_json()` (schema "
      "%d), `malloc_stats()`, `malloc_info()` and the setting `stats_at_exit` write all of them. A "
      "snapshot stops nobody: each number is true for some moment near the call.\n\n",
      kStatisticsSchema);
  std::printf(
      "## Counters\n\nKept per owner and bumped by its thread, summed by a snapshot. The hit paths "
      "of malloc and free count nothing.\n\n");
  print_rows_markdown(kCounterRows);
  std::printf("\n## Gauges\n\nComputed when a snapshot is taken.\n\n");
  print_rows_markdown(kGaugeRows);
  std::printf(
      "\n## Layers\n\nWhat the resident set is, as the member `layers` of the JSON and in the "
      "text; "
      "`tamari explain` prints it as a tree. OS pages count by the byte, and only while they are "
      "resident: a block that was never touched is in no layer. `null` is unknown, never 0. Not "
      "for `tamari_counter()`: a look at the whole heap takes 1 to 20 ms a GiB, the more the "
      "smaller "
      "the blocks.\n\n");
  print_rows_markdown(kLayerRows);
}

// --- The manual page

// Prose for roff: a backslash is data, a hyphen is one, a leading dot or quote is no command, and
// what the prose puts between backquotes is bold.
std::string roff(const std::string& text) {
  std::string out;
  bool bold = false;
  for (char c : text) {
    if (out.empty() && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '`') {
      bold = !bold;
      out += bold ? "\\fB" : "\\fR";
    } else {
      out += c;
    }
  }
  return out;
}

void print_paragraph(const char* text) { std::printf(".PP\n%s\n", roff(text).c_str()); }

void print_tunables_manual() {
  std::printf(".\\\" Made by script/docs from src/config/tunables.h. Edit that, not this.\n");
  std::printf(".TH TAMARI\\-TUNABLES 7 \"\" \"tamari %s\"\n", kVersion);
  std::printf(".SH NAME\ntamari\\-tunables \\- settings of the tamari allocator\n");
  std::printf(".SH SYNOPSIS\n.B TAMARI_CONF=\\fIkey\\fB=\\fIvalue\\fB,\\fIkey\\fB=\\fIvalue\n");
  std::printf(".SH DESCRIPTION\n%s\n", roff(kSources).c_str());
  print_paragraph(kSyntax);
  print_paragraph(kLive);
  std::printf(".SH SETTINGS\n");
  for (const TunableRow& row : kTunableRows) {
    std::printf(".TP\n.BR %s \" (%s; default %s; %s)\"\n%s.\n", roff(row.name).c_str(),
                roff(allowed_text(row)).c_str(), roff(default_text(row)).c_str(), when_name(row),
                roff(row.text).c_str());
  }
  std::printf(".TP\n.BR stats_at_exit \" (%s; exit)\"\n%s.\n", kExitReportForm, kExitReport);
  std::printf(".SH FILES\n.I /etc/tamari.conf\n");
  std::printf(".SH SEE ALSO\n.BR tamari (1),\n.BR libtamari (3)\n");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string wanted = argc == 2 ? argv[1] : "";
  if (wanted == "tunables.md") {
    print_tunables_markdown();
  } else if (wanted == "counters.md") {
    print_counters_markdown();
  } else if (wanted == "tamari-tunables.7") {
    print_tunables_manual();
  } else {
    std::fprintf(stderr, "usage: print_tables tunables.md|counters.md|tamari-tunables.7\n");
    return 2;
  }
  return 0;
}
