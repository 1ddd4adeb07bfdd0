// A program that brings settings of its own, in the string that the library looks for: conf.py asks
// what is in force.
#include <cstdio>

extern "C" {
const char* tamari_conf = "decay_ms=200,remote_policy=direct,idle_ms=500";
}

int main() { puts("in main"); }
