#!/bin/bash
# Draws example pages in a headless browser, the first also dark and narrow: each must give a
# picture that is not blank and is as light or dark as asked for, with no message on the console,
# and so with no attempt to load anything. The pictures stay in FOLDER for people to look at.
# Usage: screenshot_test.sh WRITE_EXAMPLE_PAGE FOLDER KIND..., where WRITE_EXAMPLE_PAGE KIND FILE
# writes a page; ends with 77 without Chromium.
set -euo pipefail
program=$1
pictures=$2
shift 2
browser=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$browser" ]; then
  echo "skipped: Chromium is not installed"
  exit 77
fi
mkdir -p "$pictures"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Whatever the page would load or run is refused, and the refusal is a message on the console.
lock() {
  sed -i "s|<head>|<head><meta http-equiv=\"Content-Security-Policy\" \
content=\"default-src 'none'; style-src 'unsafe-inline'\">|" "$1"
  grep -q Content-Security-Policy "$1"
}

# draw PAGE PICTURE WIDTH SCHEME, where 0 is dark and 1 light
draw() {
  "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$(mktemp -d -p "$work")" \
    --hide-scrollbars --window-size="$3,1600" --blink-settings=preferredColorScheme="$4" \
    --enable-logging=stderr --screenshot="$pictures/$2" "file://$1" 2>"$work/log"
  if grep CONSOLE "$work/log"; then
    echo "$2: the page wrote on the console"
    exit 1
  fi
}

check() { python3 "$(dirname "$0")/screenshot_check.py" "$pictures/$1" "$2"; }

for kind in "$@"; do
  "$program" "$kind" "$work/$kind.html"
  lock "$work/$kind.html"
  draw "$work/$kind.html" "$kind-light.png" 1200 1
  check "$kind-light.png" light
done
draw "$work/$1.html" "$1-dark.png" 1200 0
check "$1-dark.png" dark
draw "$work/$1.html" "$1-phone.png" 400 1
check "$1-phone.png" light
