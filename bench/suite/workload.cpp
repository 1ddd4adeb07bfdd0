// The table of workloads.
#include "bench/suite/workload.h"

#include <cstring>

#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr Workload kWorkloads[] = {
    {"symbolic", "one thread rewrites expression trees: small nodes, short lives", symbolic},
    {"numeric", "one thread adds numbers of many words: small arrays that grow", numeric},
    {"simulation", "one thread moves particles between cells: a growing working set", simulation},
    {"server_small", "threads hand arrays of live blocks to their successors: 10-1000 bytes",
     server_small},
    {"server_large", "the same with blocks of 16-32 KiB", server_large},
    {"batch_lifo", "each thread frees its neighbour's batch, newest first", batch_lifo},
    {"batch_fifo", "each thread frees its neighbour's batch, oldest first", batch_fifo},
    {"batch_random", "each thread frees its neighbour's batch in random order", batch_random},
    {"sessions", "16 threads extend and end linked sessions that all share", sessions},
    {"produce_1_1", "one thread allocates, one frees", produce_1_to_1},
    {"produce_1_n", "one thread allocates, four free", produce_1_to_n},
    {"produce_n_1", "four threads allocate, one frees", produce_n_to_1},
    {"pipeline", "four stages, each frees what it gets and passes on a copy", pipeline},
    {"free_only", "three threads work, a fourth frees a quarter of their garbage", free_only},
    {"never_free", "one thread only allocates beside three that work and free", never_free},
    {"sharing_active", "four threads write into small blocks of their own", sharing_active},
    {"sharing_passive", "the same after freeing blocks handed over by one thread", sharing_passive},
    {"migration", "generations of threads inherit and exchange blocks, sizes by a power law",
     migration},
    {"pages", "four threads replace blocks of 4096 bytes", pages},
    {"huge_blocks", "one thread replaces blocks of 5-25 MiB", huge_blocks},
    {"growing_arrays", "one thread grows arrays by realloc from 64 bytes to 256 MiB",
     growing_arrays},
    {"zeroed", "two threads replace blocks from calloc, 16 bytes to 256 KiB", zeroed},
    {"aligned", "two threads replace blocks aligned to 64 and 4096 bytes", aligned},
    {"thread_churn", "100,000 short threads, eight alive", thread_churn},
    {"idle_threads", "one thread works while 650 sleep that allocated once", idle_threads},
    {"worker_pool", "twenty threads in turn parse a document of 4 MiB", worker_pool},
    {"spike_keep_none", "four threads allocate 600 MiB, free it and fall quiet", spike_keep_none},
    {"spike_keep_some", "the same, but one block in sixteen is kept", spike_keep_some},
    {"sleeping_owner", "a thread allocates 1 GiB and sleeps, another frees it", sleeping_owner},
    {"sawtooth", "the heap rises, falls and rests: a minute at scale 1, by the clock", sawtooth},
};

}  // namespace

std::span<const Workload> workloads() { return kWorkloads; }

const Workload* find_workload(const char* name) {
  for (const Workload& workload : kWorkloads) {
    if (std::strcmp(workload.name, name) == 0) return &workload;
  }
  return nullptr;
}

}  // namespace tamari::bench
