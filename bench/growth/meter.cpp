// See meter.h.
#include "bench/growth/meter.h"

#include <chrono>

#include "bench/check.h"

namespace tamari::bench {
namespace {

constexpr double kNanoseconds = 1e9;

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_s() {
  const Usage usage = read_usage();
  return usage.user_s + usage.sys_s;
}

}  // namespace

void Meter::start() {
  usage_ = read_usage();
  started_at_ = now_s();
}

void Meter::finish(std::uint64_t ops, std::uint64_t checksum) {
  require(!finished_, "the timed phase ends once");
  seconds_ = now_s() - started_at_;
  usage_ = read_usage() - usage_;
  memory_ = read_memory();
  ops_ = ops;
  checksum_ = checksum;
  finished_ = true;
}

void Meter::start_walk() { started_at_ = cpu_s(); }

void Meter::finish_walk(std::uint64_t steps) {
  walk_ns_ = (cpu_s() - started_at_) / static_cast<double>(steps) * kNanoseconds;
}

}  // namespace tamari::bench
