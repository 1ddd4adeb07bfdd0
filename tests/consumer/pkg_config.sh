#!/bin/bash
# Builds and runs consumer.c with the flags of tamari.pc, against the shared and the static library.
# Usage: pkg_config.sh C_COMPILER LIBDIR SOURCE OUTPUT_DIR
set -euo pipefail
compiler=$1 libdir=$2 source=$3 out=$4

export PKG_CONFIG_PATH=$libdir/pkgconfig
read -ra cflags < <(pkg-config --cflags tamari)
read -ra libs < <(pkg-config --libs tamari)

"$compiler" "${cflags[@]}" "$source" -o "$out/with_shared" "${libs[@]}"
LD_LIBRARY_PATH=$libdir "$out/with_shared"

"$compiler" "${cflags[@]}" "$source" -o "$out/with_static" -Wl,-Bstatic "${libs[@]}" -Wl,-Bdynamic
"$out/with_static"
