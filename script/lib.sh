# Shared by the scripts beside it; source it with the project's root as the working directory.

packages=(
  # build
  g++ cmake ninja-build pkg-config python3
  libgtest-dev libgmock-dev libbenchmark-dev libcli11-dev nlohmann-json3-dev libfmt-dev
  libboost-dev libre2-dev libtomlplusplus-dev
  # checks
  clang clang-format clang-tidy valgrind spin util-linux python3-scipy chromium
  # another machine: cross compiler, emulator
  g++-aarch64-linux-gnu qemu-user
  # real programs under test
  perl git redis-server redis-tools sqlite3 libsqlite3-dev libpython3.11-testsuite openjdk-17-jdk-headless
  postgresql postgresql-client-common nginx-light wrk curl memcached rocksdb-tools nodejs ghostscript z3
  # schedulers that carry out a sweep
  parallel slurmctld slurmd slurm-client munge
  # peers in the benchmarks
  libjemalloc2 libmimalloc2.0 libtcmalloc-minimal4 libtbbmalloc2
)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null |
      grep -q 'ok installed' || echo "$package"
  done
}

# Runs a command while the packaging system is told to start no service.
without_services() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$policy"
  fi
  "$@"
)

# Installs what a bare Debian 12 lacks; leaves the system alone when nothing is missing.
bootstrap() {
  local missing
  mapfile -t missing < <(missing_packages)
  if [ "${#missing[@]}" -eq 0 ]; then return; fi
  echo "installing ${missing[*]}"
  as_root apt-get update -qq
  without_services as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# Configures and builds one preset.
build() {
  cmake --preset "$1"
  cmake --build --preset "$1" --parallel "$(nproc)"
}

# Runs a command at fixed addresses where that is allowed: the thread sanitizer cannot start when
# the kernel randomises more bits than it knows of.
with_fixed_addresses() {
  if setarch --addr-no-randomize true 2>/dev/null; then
    setarch --addr-no-randomize "$@"
  else
    "$@"
  fi
}
