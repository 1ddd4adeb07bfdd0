#!/bin/bash
# git: commits, branches, a merge and gc in a fresh repository give the same history, and so does its clone.
. "$(dirname "$0")/common.sh"
need git

export GIT_AUTHOR_DATE="2024-01-01T00:00:00Z" GIT_COMMITTER_DATE="2024-01-01T00:00:00Z"
export GIT_AUTHOR_NAME=tamari GIT_AUTHOR_EMAIL=tamari@example.org
export GIT_COMMITTER_NAME=tamari GIT_COMMITTER_EMAIL=tamari@example.org
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null

commit_round() {
  local round=$1
  for file in {1..20}; do
    seq "$round" "$((round * 50 + file * 100))" >"file$file"
  done
  git add .
  git commit -q -m "round $round"
}

work() {
  git init -q -b main .
  for round in {1..6}; do commit_round "$round"; done
  git checkout -q -b side HEAD~2
  echo side >of_the_side
  git add .
  git commit -q -m side
  git checkout -q main
  git merge -q -m merged side
  git gc -q --prune=now
  git fsck --full --strict
  git log --graph --stat --format='%H %s'
  git log -p | cksum
  git count-objects -v | grep -E '^(count|packs|in-pack|garbage)'
  git clone -q --no-local --no-tags . clone
  git -C clone fsck --full --strict
  git -C clone log -p --all | cksum
}

compare
