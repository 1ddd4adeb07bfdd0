// See cli_doctor.h.
#include "lab/cli_doctor.h"

#include <memory>

#include "lab/cli_options.h"
#include "lab/command_error.h"
#include "lab/doctor/doctor.h"

namespace tamari::lab {
namespace {

constexpr char kStatuses[] =
    "PROGRAM is looked at and not started; its arguments do not matter.\n"
    "Exit status: that of the first fail. 0 none; 2 wrong arguments; 3 the process may not be "
    "read;\n"
    "10 a setting is bad; the program is 11 static, 12 set-uid, set-gid or with capabilities, 13 "
    "for\n"
    "another machine, 14 one with a malloc of its own, 15 built with a sanitizer; 16 no library, "
    "or\n"
    "it does not own malloc; 17 the process is not under it; 126 the program cannot be executed; "
    "127\n"
    "it was not found.";

constexpr std::uint64_t kGreatestProcess = 1 << 22;  // the kernel's PID_MAX_LIMIT

}  // namespace

void add_doctor(CLI::App& app, int& status) {
  CLI::App* command = add_subcommand(
      app, "doctor", "is the library in force, can it be: tamari doctor [PROGRAM [ARGS]]",
      kStatuses);
  auto options = std::make_shared<DoctorOptions>();
  command->positionals_at_end();  // what follows the program is its own
  command->add_flag("--json", options->json, "print JSON instead of lines");
  CLI::Option* process = add_number(*command, "--pid", options->process, 1, kGreatestProcess,
                                    "ask of this process instead of a program");
  add_library_options(*command, options->run);
  CLI::Option* program =
      command->add_option("PROGRAM", options->run.command, "a program, with its arguments")
          ->type_name("");
  for (CLI::Option* other : {program, command->get_option("--set"), command->get_option("--lib")}) {
    process->excludes(other);
  }
  command->callback([options, &status] { status = doctor(*options); });
}

}  // namespace tamari::lab
