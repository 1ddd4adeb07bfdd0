// ulimit -v in steps from 64 MiB up: what can be had of it, that its end is NULL with ENOMEM, that
// what is freed can be had again in other sizes, in main and in threads.
//
// limits [long]: to 1 GiB, or to 4

#include <errno.h>
#include <pthread.h>

#include "../abi/exhaust.h"
#include "../abi/mixed.h"
#include "figure.h"

namespace {

constexpr size_t kSteps[] = {64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096};  // MiB

void* small_in_thread(void*) {
  for (int i = 0; i < 1000; ++i) free(opaque(malloc(static_cast<size_t>(i) * 16)));
  return nullptr;
}

void inside(size_t limit_mib) {
  double least = 100;
  for (const size_t size : {size_t{100}, size_t{5000}, size_t{70000}, kMiB, size_t{100}, kMiB}) {
    Chain* chain = nullptr;
    const size_t bytes = allocate_until_null(size, chain);
    const double share = 100.0 * static_cast<double>(bytes) / static_cast<double>(limit_mib * kMiB);
    least = share < least ? share : least;
    expect_all_refuse(limit_mib * kMiB);
    free_chain(chain);
    void* again = malloc(limit_mib * kMiB / (limit_mib < 256 ? 16 : 8));
    EXPECT(again != nullptr);
    free(again);
  }
  pthread_t thread;
  const int error = pthread_create(&thread, nullptr, small_in_thread, nullptr);
  if (error == 0) pthread_join(thread, nullptr);
  EXPECT(error == 0 || error == EAGAIN);
  char what[96];
  snprintf(what, sizeof what, "ulimit -v %zu MiB: least share that one size could have", limit_mib);
  at_least(what, least, limit_mib < 256 ? 12.5 : 50, "%");
}

void limited(size_t limit_mib) {
  const rlimit limit = {limit_mib * kMiB, limit_mib * kMiB};
  REQUIRE(setrlimit(RLIMIT_AS, &limit) == 0);
  char text[32];
  snprintf(text, sizeof text, "%zu", limit_mib);
  exec_self(text);
}

}  // namespace

int main(int argc, char** argv) {
  const bool far = argc == 2 && strcmp(argv[1], "long") == 0;
  if (argc == 2 && !far) {
    inside(strtoul(argv[1], nullptr, 10));
    return expect_status();
  }
  for (const size_t step : kSteps) {
    if (step > 1024 && !far) break;
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) limited(step);
    EXPECT(wait_for(child) == 0);
  }
  return expect_status();
}
