// `tamari doctor`: whether the library is and can be in force: here, in a program, or in a process
// that runs.
#pragma once

#include <sys/types.h>

#include <optional>

#include "lab/run.h"

namespace tamari::lab {

struct DoctorOptions {
  std::optional<pid_t> process;  // or else
  RunOptions run;                // with a program, or without
  bool json = false;
};

// What the exit status says of the first finding that is a fail; kNotFound and kNotRunnable
// besides.
enum DoctorStatus : int {
  kSettingsBad = 10,
  kProgramStatic = 11,
  kProgramPrivileged = 12,
  kProgramOtherMachine = 13,
  kProgramOwnMalloc = 14,
  kProgramSanitizer = 15,
  kLibraryUnfit = 16,
  kProcessWithout = 17,
};

// Prints the findings. Returns the exit status.
int doctor(const DoctorOptions& options);

}  // namespace tamari::lab
