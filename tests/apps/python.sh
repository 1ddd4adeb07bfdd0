#!/bin/bash
# python3: JSON and dictionary churn, threads that pass objects on, subprocesses.
. "$(dirname "$0")/common.sh"
program=$(dirname "$(realpath "$0")")/churn.py
python=$2
need "$python"

# With PYTHONMALLOC=malloc every object is a block of the library's.
work() {
  "$python" "$program"
  PYTHONMALLOC=malloc "$python" "$program"
}

compare
