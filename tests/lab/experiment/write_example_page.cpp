// Writes the page of the made-up experiment, for a browser: write_example_page sweep|ab FILE.
#include <fstream>
#include <string>

#include "lab/experiment/report_html.h"
#include "tests/lab/experiment/example_report.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const bool ab = std::string(argv[1]) == "ab";
  std::ofstream file(argv[2]);
  file << tamari::lab::experiment_page(ab ? tamari::lab::example_ab_report()
                                          : tamari::lab::example_report());
  file.close();
  return file ? 0 : 1;
}
