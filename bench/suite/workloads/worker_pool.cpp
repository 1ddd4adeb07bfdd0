// A pool of twenty threads; each in turn parses the same document into a tree and throws the tree
// away. All stay alive to the end: does the memory of the first serve the second?
#include <semaphore>
#include <thread>
#include <vector>

#include "bench/check.h"
#include "bench/suite/run.h"
#include "bench/suite/workloads.h"
#include "bench/suite/workloads/json_document.h"

namespace tamari::bench {
namespace {

constexpr std::size_t kDocumentBytes = 4 * 1024 * 1024;
constexpr std::size_t kLeastBytes = 64 * 1024;

void take_turn(Document& document) {
  const std::unique_ptr<DocumentValue> tree = parse_document(document.text());
  require(add_up(*tree) == document.totals, "the tree holds what the document does");
}

}  // namespace

void worker_pool(Run& run) {
  const unsigned threads = run.threads(20);
  Document document(run.scaled(kDocumentBytes, kLeastBytes));
  write_document(run.seed(), document);
  run.start();
  std::counting_semaphore<> done(0);
  std::counting_semaphore<> leave(0);
  std::vector<std::jthread> pool;
  for (unsigned i = 0; i < threads; ++i) {
    pool.emplace_back([&] {
      take_turn(document);
      done.release();
      leave.acquire();
    });
    done.acquire();
  }
  run.finish(threads * document.totals.values, document.totals.values);
  leave.release(threads);
}

}  // namespace tamari::bench
