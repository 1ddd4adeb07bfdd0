// What tamari writes when a process ends (stats_at_exit=json), read back from the files of one
// sample's own processes.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tamari::lab {

// Of a child and its descendants: a shell that ends by _exit leaves nothing, the program that it
// started does.
struct ExitStatistics {
  bool of_child = false;                         // the child itself is among them
  std::map<std::string, std::string> effective;  // where processes differ: "a|b"
  std::map<std::string, double> counters;        // summed
};

// A folder for the files of one run of the laboratory, removed with the object.
class StatisticsFolder {
 public:
  // Throws CommandError if there can be none under TMPDIR.
  StatisticsFolder();
  ~StatisticsFolder();
  StatisticsFolder(const StatisticsFolder&) = delete;
  StatisticsFolder& operator=(const StatisticsFolder&) = delete;

  // Begins a sample: the setting that makes the processes of this one write here.
  std::string begin();

  // What the processes of the sample wrote, `child` being the first of them; none if there is
  // nothing that can be read. Empties the folder.
  std::optional<ExitStatistics> take(pid_t child);

  // A file beside them that lives until the next take().
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string name(const std::string& pid) const;

  std::string path_;
  unsigned sample_ = 0;  // a process left over from an earlier sample is not taken for one of this
};

// Empty if each setting is in force; else a clause that names the first that is not.
std::string settings_problem(const std::vector<std::string>& settings,
                             const std::map<std::string, std::string>& effective);

}  // namespace tamari::lab
