#!/bin/bash
# java: the compiler and the program that it has compiled, in one process.
. "$(dirname "$0")/common.sh"
need java

work() { java -Xmx256m "$apps/Churn.java"; }

compare
