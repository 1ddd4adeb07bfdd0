#!/bin/bash
# cmake and ninja: configure and build a small project, run what came out.
. "$(dirname "$0")/common.sh"
need cmake ninja cc

write_project() {
  cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.16)
project(small C)
file(GLOB sources *.c)
add_executable(small ${sources})
CMAKE
  for i in {1..12}; do echo "int part$i(int n) { return n * $i + 1; }" >"part$i.c"; done
  {
    for i in {1..12}; do echo "int part$i(int);"; done
    echo 'int main(void) { int n = 1;'
    for i in {1..12}; do echo "n = part$i(n) % 10007;"; done
    echo 'return n % 128; }'
  } >main.c
}

work() {
  write_project
  cmake -G Ninja -S . -B out >configure.log
  cmake --build out -j 2 >build.log
  ./out/small || echo "small says $?"
  grep -c 'Building C object' build.log
  ninja -C out
}

compare
