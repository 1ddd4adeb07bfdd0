// Sixteen producers and one thread that only frees, 370 MiB alive all the time: what the reclaimer
// frees must reach those who allocate, or be given back, whether or not it ever allocated itself.

#include "../abi/live_set.h"
#include "figure.h"

namespace {

constexpr size_t kLive = 370 * kMiB;
constexpr double kSeconds = 8;

void run(bool reclaimer_allocates) {
  const FreeOnly result = run_free_only(kLive, kSeconds, reclaimer_allocates);
  note("alive", static_cast<double>(kLive) / kMiB, "MiB");
  at_most("steady RSS", static_cast<double>(result.highest_kib) / 1024, 1.25 * kLive / kMiB, "MiB");
  EXPECT(result.highest_kib > static_cast<long>(kLive / 1024) * 9 / 10);
  note("rate", static_cast<double>(result.passed) / kSeconds, "blocks/s");
  at_most("RSS 5 s after the end", resident_after(5),
          settled_bound_kib(static_cast<double>(result.before_kib)), "KiB");
}

void never_allocates() { run(false); }
void allocates_first() { run(true); }

constexpr Case kCases[] = {{"never_allocates", never_allocates},
                           {"allocates_first", allocates_first}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
