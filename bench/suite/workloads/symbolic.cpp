// Expression rewriting: random polynomials are built as trees, differentiated, simplified and
// thrown away. Nodes and their operand lists live for microseconds. The derivative is checked by
// evaluating the polynomial over dual numbers modulo a prime.
#include <cstdint>
#include <vector>

#include "bench/check.h"
#include "bench/random.h"
#include "bench/suite/run.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::uint64_t kPrime = (1ULL << 61) - 1;
constexpr int kDepth = 4;
constexpr int kDerivatives = 3;

std::uint64_t add(std::uint64_t a, std::uint64_t b) { return (a + b) % kPrime; }
std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(a) * b % kPrime);
}

// A value and its derivative.
struct Dual {
  std::uint64_t value;
  std::uint64_t slope;
};

enum class Kind { kNumber, kUnknown, kSum, kProduct };

struct Node {
  Kind kind;
  std::uint64_t number = 0;
  std::vector<Node*> parts;  // of a sum or product, owned
};

std::uint64_t g_nodes = 0;

Node* make(Kind kind, std::uint64_t number = 0) {
  ++g_nodes;
  return new Node{kind, number, {}};
}

void destroy(Node* node) {
  for (Node* part : node->parts) destroy(part);
  delete node;
}

Node* copy(const Node* node) {
  Node* twin = make(node->kind, node->number);
  for (const Node* part : node->parts) twin->parts.push_back(copy(part));
  return twin;
}

Node* random_polynomial(Random& random, int depth) {
  const std::uint64_t draw = random.below(depth > 0 ? 10 : 4);
  if (draw < 2) return make(Kind::kNumber, random.below(5));
  if (draw < 4) return make(Kind::kUnknown);
  Node* node = make(draw < 7 ? Kind::kSum : Kind::kProduct);
  const std::uint64_t parts = 2 + random.below(4);
  for (std::uint64_t i = 0; i < parts; ++i) {
    node->parts.push_back(random_polynomial(random, depth - 1));
  }
  return node;
}

Node* derive(const Node* node);

// The sum over all parts of that part's derivative times the others.
Node* derive_product(const Node* node) {
  Node* sum = make(Kind::kSum);
  for (const Node* chosen : node->parts) {
    Node* term = make(Kind::kProduct);
    for (const Node* part : node->parts) {
      term->parts.push_back(part == chosen ? derive(part) : copy(part));
    }
    sum->parts.push_back(term);
  }
  return sum;
}

Node* derive(const Node* node) {
  if (node->kind == Kind::kNumber) return make(Kind::kNumber, 0);
  if (node->kind == Kind::kUnknown) return make(Kind::kNumber, 1);
  if (node->kind == Kind::kProduct) return derive_product(node);
  Node* sum = make(Kind::kSum);
  for (const Node* part : node->parts) sum->parts.push_back(derive(part));
  return sum;
}

// Takes the tree over: folds numbers, drops neutral parts, merges nested sums and products.
Node* simplify(Node* node) {
  if (node->kind == Kind::kNumber || node->kind == Kind::kUnknown) return node;
  const bool sum = node->kind == Kind::kSum;
  std::uint64_t folded = sum ? 0 : 1;
  std::vector<Node*> kept;
  const auto keep = [&](Node* part) {
    if (part->kind == Kind::kNumber) {
      folded = sum ? add(folded, part->number) : multiply(folded, part->number);
      destroy(part);
    } else {
      kept.push_back(part);
    }
  };
  for (Node* part : node->parts) {
    part = simplify(part);
    if (part->kind == node->kind) {
      for (Node* inner : part->parts) keep(inner);
      part->parts.clear();
      destroy(part);
    } else {
      keep(part);
    }
  }
  node->parts.clear();
  const bool vanishes = !sum && folded == 0;
  if (vanishes) {
    for (Node* part : kept) destroy(part);
    kept.clear();
  }
  if (!vanishes && folded != (sum ? 0U : 1U)) kept.push_back(make(Kind::kNumber, folded));
  if (kept.empty()) kept.push_back(make(Kind::kNumber, folded));
  if (kept.size() > 1) {
    node->parts = kept;
    return node;
  }
  destroy(node);
  return kept.front();
}

Dual evaluate(const Node* node, std::uint64_t at) {
  if (node->kind == Kind::kNumber) return {node->number % kPrime, 0};
  if (node->kind == Kind::kUnknown) return {at, 1};
  const bool sum = node->kind == Kind::kSum;
  Dual result{sum ? 0U : 1U, 0};
  for (const Node* part : node->parts) {
    const Dual next = evaluate(part, at);
    if (sum) {
      result = {add(result.value, next.value), add(result.slope, next.slope)};
    } else {
      result = {multiply(result.value, next.value),
                add(multiply(result.value, next.slope), multiply(result.slope, next.value))};
    }
  }
  return result;
}

// The sum of the slopes seen.
std::uint64_t rewrite(Random& random) {
  const std::uint64_t at = random.below(kPrime);
  Node* polynomial = simplify(random_polynomial(random, kDepth));
  std::uint64_t sum = 0;
  for (int i = 0; i < kDerivatives; ++i) {
    const std::uint64_t expected = evaluate(polynomial, at).slope;
    Node* derivative = simplify(derive(polynomial));
    require(evaluate(derivative, at).value == expected, "a derivative has the slope's value");
    sum = add(sum, expected);
    destroy(polynomial);
    polynomial = derivative;
  }
  destroy(polynomial);
  return sum;
}

}  // namespace

void symbolic(Run& run) {
  Random random(run.seed());
  const std::uint64_t rounds = run.scaled(2000);
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) sum = add(sum, rewrite(random));
  run.finish(2 * g_nodes, add(sum, g_nodes));
}

}  // namespace tamari::bench
