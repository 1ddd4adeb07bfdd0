// Twenty threads in turn each build a document of 50 MiB, drop it, and wait for more: the process
// may not hold more the more threads have been at work. A thread's next turn never comes.

#include <algorithm>
#include <memory>
#include <vector>

#include "../abi/mixed.h"
#include "../abi/sleeper.h"
#include "figure.h"

namespace {

constexpr size_t kThreads = 20;
constexpr size_t kDocument = 50 * kMiB;

// A node has children and a text, like a parsed document's.
struct Node {
  Node* next = nullptr;
  Node* child = nullptr;
  char* text = nullptr;
};

Node* build(Random& random, size_t& left, int depth) {
  Node* first = nullptr;
  const size_t wanted = 1 + random.below(12);
  for (size_t i = 0; i < wanted && left > 0; ++i) {
    Node* node = new Node;
    const size_t length = 8 + random.below(random.below(16) == 0 ? 6000 : 120);
    node->text = static_cast<char*>(malloc(length));
    REQUIRE(node->text != nullptr);
    memset(node->text, 't', length);
    left -= std::min(left, length + sizeof(Node));
    if (depth > 0) node->child = build(random, left, depth - 1);
    node->next = first;
    first = node;
  }
  return first;
}

void drop(Node* node) {
  while (node != nullptr) {
    Node* next = node->next;
    drop(node->child);
    free(node->text);
    delete node;
    node = next;
  }
}

// What is resident while the document is whole.
long parse(unsigned long seed) {
  Random random(seed);
  size_t left = kDocument;
  std::vector<Node*> parts;
  while (left > 0) parts.push_back(build(random, left, 5));
  const long whole = resident_kib();
  for (Node* part : parts) drop(part);
  return whole;
}

void run() {
  long peaks[kThreads] = {};
  const long before = resident_kib();
  std::vector<std::unique_ptr<Sleeper>> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.push_back(std::make_unique<Sleeper>([&, t] { peaks[t] = parse(t + 1); }));
    threads.back()->wait_until_asleep();
  }
  const long highest = *std::max_element(peaks, peaks + kThreads);
  note("peak with the first thread", static_cast<double>(peaks[0]) / 1024, "MiB");
  at_most("peak with twenty", static_cast<double>(highest) / 1024,
          1.25 * static_cast<double>(peaks[0]) / 1024, "MiB");
  at_most("RSS 5 s later", static_cast<double>(resident_after(5)),
          settled_bound_kib(static_cast<double>(before)), "KiB");
}

}  // namespace

int main() {
  run();
  _exit(expect_status());
}
