// See progress.h.
#include "lab/experiment/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace tamari::lab {

Progress::Progress(std::size_t samples) : total_(samples), terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::expect(std::size_t samples, bool at_most) {
  total_ = done_ + samples;
  at_most_ = at_most;
}

std::string Progress::remaining() const {
  if (done_ == 0) return "ETA -";
  const auto elapsed = std::chrono::steady_clock::now() - start_;
  const double seconds = std::chrono::duration<double>(elapsed).count() *
                         static_cast<double>(total_ - done_) / static_cast<double>(done_);
  const auto whole = static_cast<long>(seconds + 0.5);
  const char* bound = at_most_ ? "<=" : "";
  return whole >= 60 ? fmt::format("ETA {}{}m{:02}s", bound, whole / 60, whole % 60)
                     : fmt::format("ETA {}{}s", bound, whole);
}

void Progress::before(const std::string& round, const std::string& sample) {
  const std::string figures = figures_.empty() ? "" : "  " + figures_;
  if (terminal_) {
    fmt::print(stderr, "\r\033[K{} {} ({}/{} samples) {}{}", round, sample, done_ + 1, total_,
               remaining(), figures);
  } else if (round != last_round_) {
    fmt::print(stderr, "{} {}{}\n", round, remaining(), figures);
  }
  last_round_ = round;
  std::fflush(stderr);
}

void Progress::after() { ++done_; }

void Progress::clear() {
  if (terminal_) fmt::print(stderr, "\r\033[K");
}

}  // namespace tamari::lab
