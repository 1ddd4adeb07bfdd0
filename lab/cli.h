// The command line of `tamari`: one row of options per subcommand, then a call.
#pragma once

namespace tamari::lab {

// Returns the exit status.
int run_cli(int argc, char** argv);

}  // namespace tamari::lab
