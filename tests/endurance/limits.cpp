// ulimit -v in steps from 64 MiB up: what can be had of it, that its end is NULL with ENOMEM, that
// what is freed can be had again in other sizes, in main and in threads.
//
// limits [long]: to 1 GiB, or to 4

#include <errno.h>
#include <pthread.h>

#include "figure.h"
#include "../abi/mixed.h"

namespace {

constexpr size_t kSteps[] = {64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096};  // MiB

struct Chain {
  Chain* next;
};

size_t take_all(size_t size, Chain*& chain) {
  size_t bytes = 0;
  for (;; bytes += size) {
    errno = 0;
    auto* block = static_cast<Chain*>(malloc(size));
    if (block == nullptr) break;
    block->next = chain;
    chain = block;
  }
  EXPECT(errno == ENOMEM);
  return bytes;
}

void give_all(Chain* chain) {
  while (chain != nullptr) {
    Chain* next = chain->next;
    free(chain);
    chain = next;
  }
}

void* small_in_thread(void*) {
  for (int i = 0; i < 1000; ++i) free(opaque(malloc(static_cast<size_t>(i) * 16)));
  return nullptr;
}

void inside(size_t limit_mib) {
  double least = 100;
  for (const size_t size : {size_t{100}, size_t{5000}, size_t{70000}, kMiB, size_t{100}}) {
    Chain* chain = nullptr;
    const size_t bytes = take_all(size, chain);
    const double share = 100.0 * static_cast<double>(bytes) / static_cast<double>(limit_mib * kMiB);
    least = share < least ? share : least;
    give_all(chain);
  }
  pthread_t thread;
  const int error = pthread_create(&thread, nullptr, small_in_thread, nullptr);
  if (error == 0) pthread_join(thread, nullptr);
  EXPECT(error == 0 || error == EAGAIN);
  char what[96];
  snprintf(what, sizeof what, "ulimit -v %zu MiB: least share that one size could have", limit_mib);
  at_least(what, least, limit_mib < 256 ? 10 : 50, "%");
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
