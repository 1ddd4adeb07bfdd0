# Sourced by the scripts of this folder: `compare work` runs the function `work` in an empty folder
# under glibc, then under the library once per policy and with every check, and requires the same
# output each time.
# shellcheck shell=bash

set -euo pipefail

library=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

need() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
  done
}

# Everything that the work starts inherits the library; the shell itself does not run under it.
run_under() {
  local name=$1
  mkdir "$folder/$name"
  (
    cd "$folder/$name"
    if [ "$name" != glibc ]; then
      export LD_PRELOAD=$library TAMARI_CONF="strict=1,$name"
      grep -q libtamari /proc/self/maps || { echo "the library is not loaded" >&2; exit 1; }
    fi
    work
  ) >"$folder/$name.out" 2>"$folder/$name.err" || fail "$name" "status $?"
  # ld.so only warns when it cannot preload; the library reports in lines of its own.
  if grep -E '^tamari:|ld\.so' "$folder/$name.err"; then fail "$name" "complaints"; fi
}

fail() {
  echo "$1: $2"
  tail -n 20 "$folder/$1.out" "$folder/$1.err"
  exit 1
}

compare() {
  run_under glibc
  [ -s "$folder/glibc.out" ] || fail glibc "no output to compare"
  for setting in remote_policy={direct,owner_stash,hybrid} check=all; do
    run_under "$setting"
    diff "$folder/glibc.out" "$folder/$setting.out" || fail "$setting" "output differs from glibc's"
  done
}
