// The parser of settings on text put together at random: it neither crashes nor accepts a value out
// of range, and what it prints it reads back.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

#include "config/tunables.h"

namespace {

using tamari::kTunableCount;
using tamari::kTunableRows;
using tamari::Origin;
using tamari::Text;
using tamari::Tunables;

size_t g_complaints = 0;

std::string random_value(std::mt19937& random) {
  static const char* const kValues[] = {"0",      "1",      "8",      "64K",           "1M",
                                        "2G",     "direct", "hybrid", "off",           "dontneed",
                                        "system", "ignore", "auto",   "99999999999999"};
  return std::string(kValues[random() % (sizeof kValues / sizeof kValues[0])]) +
         (random() % 2 == 0 ? "," : "");
}

std::string random_text(std::mt19937& random) {
  static const char* const kPieces[] = {
      "=",   ",",  "\n", " ",   "0",    "1",  "32",
      "K",   "4M", "-",  "dir", "ect",  "\t", "18446744073709551616",
      "off", "on", "=,", "|",   "0x10", "T",  "stats_at_exit=json:"};
  constexpr size_t kCount = sizeof kPieces / sizeof kPieces[0];
  std::string text;
  for (size_t n = random() % 12; n > 0; --n) {
    const size_t piece = random() % (kCount + kTunableCount);
    text += piece < kCount ? kPieces[piece] : kTunableRows[piece - kCount].name;
    if (piece >= kCount && random() % 4 != 0) text += '=' + random_value(random);
    if (random() % 40 == 0) text += static_cast<char>(random() % 255 + 1);
    if (random() % 300 == 0) text += std::string(random() % 3000, 'x');
  }
  return text;
}

std::string print(const Tunables& tunables, size_t row) {
  char buffer[64];
  Text out(buffer, sizeof buffer);
  tunables.print(row, out);
  return out.c_str();
}

void expect_sound(const Tunables& tunables, const std::string& after) {
  for (size_t row = 0; row < kTunableCount; ++row) {
    const uint64_t value = tunables.get(static_cast<tamari::Tunable>(row));
    ASSERT_GE(value, kTunableRows[row].least) << after;
    ASSERT_LE(value, kTunableRows[row].greatest) << after;
    Tunables again;
    const std::string line = std::string(kTunableRows[row].name) + "=" + print(tunables, row);
    ASSERT_EQ(again.parse(line.c_str(), Origin::kFile, [](const char*) {}), 0U) << line;
    ASSERT_EQ(again.get(static_cast<tamari::Tunable>(row)), value) << line;
  }
}

TEST(TunablesFuzz, AnyText) {
  std::mt19937 random(1);
  Tunables tunables;
  size_t changes = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string text = random_text(random);
    g_complaints = 0;
    const size_t bad = tunables.parse(text.c_str(), Origin::kEnvironment, [](const char* reason) {
      ++g_complaints;
      ASSERT_LT(std::strlen(reason), 512U);
    });
    ASSERT_EQ(bad, g_complaints) << text;
    if (i % 50 == 0) expect_sound(tunables, text);
  }
  for (size_t row = 0; row < kTunableCount; ++row)
    changes += tunables.origin(row) == Origin::kEnvironment ? 1 : 0;
  EXPECT_GT(changes, kTunableCount / 2) << "the texts hardly ever make sense";
}

}  // namespace
