#!/bin/bash
# python3: JSON and dictionary churn, threads that pass objects on, subprocesses.
. "$(dirname "$0")/common.sh"
need "$python"

programs() {
  "$python" "$apps/../../bench/programs/work/churn.py" 30
  "$python" "$apps/strings.py"
}

# With PYTHONMALLOC=malloc every object is a block of the library's.
work() {
  programs
  PYTHONMALLOC=malloc programs
}

compare
