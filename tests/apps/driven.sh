#!/bin/bash
# A program that `tamari bench programs` drives, at a small size: its driver starts it, loads it, checks what it
# did, and prints a digest of what came out.
# Arguments: LIBRARY PYTHON NAME
. "$(dirname "$0")/common.sh"
driver=$drivers/$3.py
need "$python"
if "$python" "$driver" about | grep missing; then exit 77; fi

work() {
  BENCH_LIBRARY=${LD_PRELOAD-} BENCH_SCALE=0.2 "$python" "$driver" run | grep -o 'checksum=.*'
}

compare
