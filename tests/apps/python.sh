#!/bin/bash
# python3: JSON and dictionary churn, threads that pass objects on, subprocesses.
. "$(dirname "$0")/common.sh"
here=$(dirname "$(realpath "$0")")
python=$2
need "$python"

programs() {
  "$python" "$here/../../bench/programs/work/churn.py" 30
  "$python" "$here/strings.py"
}

# With PYTHONMALLOC=malloc every object is a block of the library's.
work() {
  programs
  PYTHONMALLOC=malloc programs
}

compare
