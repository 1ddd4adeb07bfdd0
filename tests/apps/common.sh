# Sourced by the scripts of this folder: `compare` runs the function `work` in an empty folder under glibc, then
# under the library as it is by default, once per policy and with every check, and requires the same output each
# time. Whatever `work` starts ends with the test, also when that fails or is interrupted.
# Arguments of each script: LIBRARY PYTHON.
# shellcheck shell=bash

set -euo pipefail

python=$2
apps=$(dirname "$(realpath "$0")")
drivers=$(realpath "$apps/../../bench/programs")
programs=()
group= # of the processes of the run at work
folder=$(mktemp -d)
trap clean_up EXIT

# A server may run as a user of its own, who cannot enter every build tree.
chmod 711 "$folder"
library=$folder/libtamari.so.1
install -m 644 "$1" "$library"

export TMPDIR=$folder PYTHONDONTWRITEBYTECODE=1

clean_up() {
  stop_group
  rm -rf "$folder"
}

# Asks whoever is left of the group to end, then makes it.
stop_group() {
  [ -n "$group" ] || return 0
  for signal in TERM KILL; do
    kill -s "$signal" -- "-$group" 2>/dev/null || return 0
    for _ in {1..100}; do
      kill -s 0 -- "-$group" 2>/dev/null || return 0
      sleep 0.1
    done
  done
}

# The programs that the test is about.
need() {
  for program in "$@"; do
    command -v "$program" >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
    programs+=("$(command -v "$program")")
  done
}

# A program that brings its own malloc would be compared with itself.
require_ownership() {
  BENCH_LIBRARY=$library BENCH_PRELOAD=$library PYTHONPATH=$drivers \
    "$python" -c 'import sys, process; [process.require_ownership(p) for p in sys.argv[1:]]' "$@"
}

# wait_until COMMAND...: as soon as it succeeds; a failure after half a minute.
wait_until() {
  for _ in {1..300}; do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  echo "never came true: $*" >&2
  return 1
}

# Everything that the work starts inherits the library; the shell itself does not run under it.
run_under() {
  local name=$1
  mkdir "$folder/$name"
  set -m # so that the work is a process group
  (
    cd "$folder/$name"
    if [ "$name" != glibc ]; then
      export LD_PRELOAD=$library TAMARI_CONF=$name
      grep -q libtamari /proc/self/maps || { echo "the library is not loaded" >&2; exit 1; }
    fi
    work
  ) >"$folder/$name.out" 2>"$folder/$name.err" </dev/null &
  group=$!
  set +m
  wait "$group" || fail "$name" "status $?"
  stop_group
  # ld.so only warns when it cannot preload; the library reports in lines of its own.
  if grep -E '^tamari:|ld\.so' "$folder/$name.err"; then fail "$name" "complaints"; fi
}

fail() {
  echo "$1: $2"
  tail -n 20 "$folder/$1.out" "$folder/$1.err"
  exit 1
}

compare() {
  require_ownership "${programs[@]}"
  run_under glibc
  [ -s "$folder/glibc.out" ] || fail glibc "no output to compare"
  for setting in strict=1{,",remote_policy="{direct,owner_stash,hybrid},",check=all"}; do
    run_under "$setting"
    diff "$folder/glibc.out" "$folder/$setting.out" || fail "$setting" "output differs from glibc's"
  done
}
