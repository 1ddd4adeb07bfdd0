// Arithmetic on numbers of many words: rows of Pascal's triangle, each entry a fresh array that
// grows word by word, as a result does whose length is not known before. Each row is checked
// against the power of two that it must add up to, modulo a prime.
#include <cstdint>
#include <vector>

#include "bench/check.h"
#include "bench/suite/run.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::uint64_t kPrime = 4'294'967'291;  // the largest below 2^32
constexpr std::uint64_t kRows = 600;

using Natural = std::vector<std::uint32_t>;  // least word first
using Row = std::vector<Natural>;

Natural sum(const Natural& a, const Natural& b) {
  Natural result;
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < a.size() || i < b.size(); ++i) {
    carry += (i < a.size() ? a[i] : 0ULL) + (i < b.size() ? b[i] : 0ULL);
    result.push_back(static_cast<std::uint32_t>(carry));
    carry >>= 32;
  }
  if (carry != 0) result.push_back(static_cast<std::uint32_t>(carry));
  return result;
}

std::uint64_t remainder(const Natural& a) {
  std::uint64_t rest = 0;
  for (std::size_t i = a.size(); i-- > 0;) rest = ((rest << 32) | a[i]) % kPrime;
  return rest;
}

Row next_row(const Row& row) {
  Row next;
  next.push_back({1});
  for (std::size_t i = 1; i < row.size(); ++i) next.push_back(sum(row[i - 1], row[i]));
  next.push_back({1});
  return next;
}

void require_power_of_two(const Row& row, std::uint64_t power) {
  std::uint64_t total = 0;
  for (const Natural& entry : row) total += remainder(entry);
  require(total % kPrime == power, "a row adds up to its power of two");
}

}  // namespace

void numeric(Run& run) {
  const std::uint64_t triangles = run.scaled(64);
  std::uint64_t entries = 0;
  std::uint64_t checksum = 0;
  for (std::uint64_t triangle = 0; triangle < triangles; ++triangle) {
    Row row = {{1}};
    std::uint64_t power = 1;
    for (std::uint64_t n = 0; n < kRows; ++n) {
      row = next_row(row);
      power = power * 2 % kPrime;
      entries += row.size();
      if (n % 16 == 0) require_power_of_two(row, power);
    }
    checksum += remainder(row[kRows / 2]);
  }
  run.finish(2 * entries, checksum);
}

}  // namespace tamari::bench
