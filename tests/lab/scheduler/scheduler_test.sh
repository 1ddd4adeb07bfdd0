#!/bin/bash
# The job files of `tamari sweep --emit`, carried out by the real schedulers: GNU parallel, and a
# Slurm of one node that lives as long as this test. Usage: scheduler_test.sh TAMARI_PROGRAM
set -euo pipefail
. "$(dirname "$0")/slurm.sh"
tamari=$(realpath "$1")

for program in parallel munged slurmctld slurmd sbatch; do
  PATH=$PATH:/usr/sbin command -v "$program" >/dev/null && continue
  echo "skipped: $program is not installed"
  exit 77
done

folder=$(mktemp -d)
reason="a command ended the script"
finish() {
  local status=$?
  trap - EXIT
  stop_slurm "$folder/slurm"
  if [ "$status" -ne 0 ]; then
    show_logs
    echo "FAILED: $reason"
  fi
  rm -rf "$folder"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

show_logs() { tail -n 20 "$folder"/slurm/*.log "$folder"/jobs-*/*.log 2>/dev/null || true; }

fail() {
  reason=$*
  exit 1
}

# Tamari against itself, in a few seconds.
cat >"$folder/tiny.toml" <<'TOML'
lanes = [{ lane = "guard", threads = 2, iterations = 200000 }]
settle_ms = 0
[[variant]]
name = "same"
[[stage]]
name = "screen"
runs = 8
gates = ["ops>=-95%", "rss<=+900%"]
TOML

emit() {
  "$tamari" sweep "$folder/tiny.toml" --emit "$1" --shards 3 --out "$folder/jobs-$1"
}

# The joined result is complete, and says what it says to whoever asks again.
check_result() {
  local result=$folder/jobs-$1/result
  python3 - "$result/summary.json" <<'PYTHON' || fail "$1: no verdict in $result"
import json, sys
summary = json.load(open(sys.argv[1]))
assert summary["complete"] and summary["joined_shards"] == 3, summary["sentence"]
assert summary["samples"] == 3 * 3 + 8 * 3 and summary["failed_samples"] == 0
assert summary["verdict"] == "GO", summary["sentence"]
PYTHON
  "$tamari" sweep --resume "$result" | grep -q '^GO: ' || fail "$1: the result cannot be read again"
  echo "$1: GO"
}

run_parallel() {
  export PARALLEL_HOME=$folder/parallel
  mkdir "$PARALLEL_HOME"
  touch "$PARALLEL_HOME/will-cite"
  echo : >"$folder/machines"
  emit parallel >"$folder/parallel.txt"
  # As its first lines say.
  parallel --jobs 1 --sshloginfile "$folder/machines" <"$folder/parallel.txt" >"$folder/parallel.log" ||
    fail "parallel: $(tail -n 5 "$folder/parallel.log")"
  bash -c "$(sed -n 's/.*THIS_FILE && //p' "$folder/parallel.txt")" >/dev/null ||
    fail "parallel: the shards cannot be joined"
  check_result parallel
}

queue_is_empty() { [ -z "$(squeue --noheader)" ]; }

has_begun() { [ "$(wc -l <"$folder/jobs-slurm/shard-1/samples.jsonl")" -ge 5 ]; }

# All jobs are cancelled in the midst of a shard: no sample may count as failed for that, and the
# same file goes on where they were.
cancel_midway() {
  bash "$folder/slurm.sh" --time=5
  wait_until 20 has_begun || fail "slurm: no sample is taken"
  scancel --user="$(id -un)"
  wait_until 20 queue_is_empty || fail "slurm: jobs are left: $(squeue)"
  if [ -e "$folder/jobs-slurm/shard-3/samples.jsonl" ]; then fail "slurm: cancelled too late"; fi
}

run_slurm() {
  mkdir "$folder/slurm"
  start_slurm "$folder/slurm" || fail "slurm: the daemons do not start"
  emit slurm >"$folder/slurm.sh"
  cancel_midway
  bash "$folder/slurm.sh" --time=5
  wait_until 60 queue_is_empty || fail "slurm: jobs are left: $(squeue)"
  check_result slurm
}

run_parallel
run_slurm
