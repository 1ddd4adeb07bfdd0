// A failure that the user can act on: one line for stderr and the exit status of the command.
#pragma once

#include <stdexcept>
#include <string>

namespace tamari::lab {

enum ExitStatus : int {
  kDone = 0,
  kSampleFailed = 1,
  kUsage = 2,
  kHarness = 3,
  kNotRunnable = 126,
  kNotFound = 127,
  kInterrupted = 130,
};

// `tamari ab` and `tamari sweep` answer a question with their exit status; a CommandError, of
// whatever status, ends them with kExperimentFailed.
enum ExperimentStatus : int {
  kEveryGateHeld = 0,
  kGateFailed = 1,
  kUndecided = 2,
  kMeaningless = 3,
  kExperimentFailed = 4,
};

class CommandError : public std::runtime_error {
 public:
  CommandError(ExitStatus exit_status, const std::string& message)
      : std::runtime_error(message), status_(exit_status) {}
  ExitStatus status() const { return status_; }

 private:
  ExitStatus status_;
};

// What was given can be read, but any answer from it would say nothing: kMeaningless.
class MeaninglessError : public CommandError {
 public:
  explicit MeaninglessError(const std::string& message) : CommandError(kHarness, message) {}
};

}  // namespace tamari::lab
