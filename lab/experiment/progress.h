// What is under way, on stderr: one rewritten line on a terminal, one line a round elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace tamari::lab {

class Progress {
 public:
  explicit Progress(std::size_t samples);

  // How many samples are to be taken after those that are done; `at_most`: a rule may stop earlier.
  void expect(std::size_t samples, bool at_most);

  // Shown behind the round from now on, such as "ops wide +1.2% [-0.3, +2.7]".
  void show(const std::string& figures) { figures_ = figures; }

  // `round` says where in the whole: "main: round 3/7".
  void before(const std::string& round, const std::string& sample);
  void after();
  void clear();

 private:
  std::string remaining() const;

  std::size_t total_;
  std::size_t done_ = 0;
  bool at_most_ = false;
  bool terminal_;
  std::string figures_;
  std::string last_round_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace tamari::lab
