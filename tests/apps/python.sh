#!/bin/bash
# python3: JSON and dictionary churn, threads that pass objects on, subprocesses.
. "$(dirname "$0")/common.sh"
need "$python"

# With PYTHONMALLOC=malloc every object is a block of the library's.
work() {
  "$python" "$apps/churn.py"
  PYTHONMALLOC=malloc "$python" "$apps/churn.py"
}

compare
