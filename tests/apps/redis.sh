#!/bin/bash
# redis: what was set comes back, a benchmark of bounded length runs through, the forked save works.
# Deleted values are freed by a thread of their own, which never allocates.
. "$(dirname "$0")/common.sh"
need redis-server redis-cli redis-benchmark

cli() { redis-cli -s "$PWD/socket" "$@"; }

is_up() { cli ping 2>/dev/null | grep -q PONG; }
is_saved() { cli info persistence | grep -q 'rdb_bgsave_in_progress:0'; }

# Values of all sizes go in through one pipe; redis prints a digest of the whole data set.
fill_and_read_back() {
  for i in {1..3000}; do printf 'SET key%d %0*d\n' "$i" "$((i * i % 5000 + 1))" "$i"; done |
    cli | sort | uniq -c
  for i in {1..3000..50}; do cli get "key$i"; done | cksum
  for i in {1..3000..3}; do echo "DEL key$i"; done | cli | sort | uniq -c
  cli debug digest
}

work() {
  redis-server --port 0 --unixsocket "$PWD/socket" --dir "$PWD" --save '' \
    --lazyfree-lazy-user-del yes --enable-debug-command yes >server.log &
  server=$!
  wait_until is_up
  fill_and_read_back
  redis-benchmark -s "$PWD/socket" -n 2000 -c 20 -q -t set,get,lpush,lpop,sadd,hset,zadd \
    >benchmark.log
  cli bgsave
  wait_until is_saved
  cli info persistence | grep -o 'rdb_last_bgsave_status:[a-z]*'
  cli flushall async
  cli dbsize
  kill "$server"
  wait "$server"
}

compare
