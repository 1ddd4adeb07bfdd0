#!/bin/bash
# Builds the library and a few programs for aarch64 and runs them under an emulator: in an address space
# of 39 bits, with pages of 4 and of 64 KiB, and in the emulator's own, as in containers of another
# architecture. Without the cross compiler or the emulator: skipped.
#
# aarch64.sh SOURCES FOLDER
set -euo pipefail
sources=$1
folder=$2
skipped=77
for tool in aarch64-linux-gnu-g++ qemu-aarch64; do
  if ! command -v "$tool" >/dev/null; then
    echo "$tool is not installed"
    exit "$skipped"
  fi
done

compiler=aarch64-linux-gnu-g++
cmake -G Ninja -S "$sources" -B "$folder" -DTAMARI_DEVELOP=OFF -DCMAKE_SYSTEM_NAME=Linux \
  -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_COMPILE_WARNING_AS_ERROR=ON >/dev/null
cmake --build "$folder" --target tamari >/dev/null
aarch64-linux-gnu-gcc -O2 -fno-builtin -c "$sources/tests/abi/owner.c" -o "$folder/owner.o"
for program in endurance/smoke abi/sizes abi/cxx; do
  "$compiler" -std=c++20 -O2 -fno-builtin -fno-allocation-dce -pthread \
    "$sources/tests/$program.cpp" "$folder/owner.o" -o "$folder/$(basename "$program")"
done

# No blocks moved by mremap: the emulator takes the pages that are left behind (MREMAP_DONTUNMAP) for
# unmapped. It keeps a record of every page that is mapped: a library that maps terabytes at its start, if
# only for a moment, takes the machine's memory.
emulate() {
  TAMARI_CONF=strict=1,mremap_min=1T,$settings TAMARI_TEST_OWNER=libtamari.so \
    timeout 60 qemu-aarch64 "${machine[@]}" -L /usr/aarch64-linux-gnu \
    -E LD_PRELOAD="$folder/lib/libtamari.so.1" "$folder/$1" "${@:2}"
}

failures=0
try() {
  local status=0
  emulate "$@" || status=$?
  echo "${machine[*]} $settings: $*: status $status"
  if [ "$status" -ne 0 ]; then failures=$((failures + 1)); fi
}

for options in "-R 0x8000000000 -p 4096" "-R 0x8000000000 -p 65536" "-p 4096"; do
  read -ra machine <<<"$options"
  for settings in remote_policy=direct remote_policy=owner_stash; do try smoke; done
  settings=check=all
  try smoke
  settings=thp=off
  try sizes alignment
  try sizes resized
  try cxx throws
done
exit "$((failures > 0))"
