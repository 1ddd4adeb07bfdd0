// See run.h.
#include "bench/suite/run.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <thread>

#include "bench/check.h"
#include "bench/suite/options.h"
#include "bench/suite/resident_sampler.h"

namespace tamari::bench {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

double now_s() { return std::chrono::duration<double>(Clock::now().time_since_epoch()).count(); }

std::int64_t count_mappings() {
  const int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (file < 0) return kUnknown;
  std::int64_t lines = 0;
  char text[8192];
  for (ssize_t n = 0; (n = read(file, text, sizeof text)) > 0;) {
    lines += std::count(text, text + n, '\n');
  }
  close(file);
  return lines;
}

}  // namespace

Run::Run(const Options& options, ResidentSampler& sampler) : options_(options), sampler_(sampler) {
  figures_.rss_start_kib = read_memory().rss_kib;
  start();
}

std::uint64_t Run::seed() const { return options_.seed; }

std::uint64_t Run::scaled(std::uint64_t at_scale_one, std::uint64_t least) const {
  const double amount = static_cast<double>(at_scale_one) * options_.scale;
  return std::max(least, static_cast<std::uint64_t>(amount));
}

unsigned Run::threads(unsigned usual) const {
  return options_.threads == 0 ? usual : static_cast<unsigned>(options_.threads);
}

void Run::start() {
  rss_integral_at_start_ = sampler_.mib_seconds();
  usage_at_start_ = read_usage();
  started_at_ = now_s();
}

void Run::finish(std::uint64_t ops, std::uint64_t checksum) {
  const auto quiet_since = Clock::now();
  figures_.seconds = now_s() - started_at_;
  figures_.usage = read_usage() - usage_at_start_;
  figures_.rss_mib_seconds = sampler_.mib_seconds() - rss_integral_at_start_;
  const Memory memory = read_memory();
  figures_.rss_peak_kib = memory.peak_kib;
  figures_.rss_end_kib = memory.rss_kib;
  figures_.vmas = count_mappings();
  figures_.ops = ops;
  figures_.checksum = checksum;
  require(!finished_, "the workload finishes once");
  finished_ = true;

  const auto rss_at = [&](std::uint64_t ms) {
    std::this_thread::sleep_until(quiet_since + milliseconds(ms));
    return read_memory().rss_kib;
  };
  const auto settle_before = [&](std::uint64_t ms) {
    if (figures_.rss_settled_kib == kUnknown && options_.settle_ms < ms) {
      figures_.rss_settled_kib = rss_at(options_.settle_ms);
    }
  };
  if (options_.settle_curve) {
    settle_before(100);
    figures_.rss_100ms_kib = rss_at(100);
    settle_before(1000);
    figures_.rss_1s_kib = rss_at(1000);
    settle_before(10'000);
    figures_.rss_10s_kib = rss_at(10'000);
  }
  settle_before(~std::uint64_t{0});
}

}  // namespace tamari::bench
