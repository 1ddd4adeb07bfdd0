#include "config/tunables.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace {

using namespace tamari;

std::vector<std::string> g_complaints;

size_t parse(Tunables& tunables, const char* text, Origin origin = Origin::kEnvironment) {
  g_complaints.clear();
  return tunables.parse(text, origin, [](const char* reason) { g_complaints.push_back(reason); });
}

std::string complaint(const char* text, Origin origin = Origin::kEnvironment) {
  Tunables tunables;
  EXPECT_EQ(parse(tunables, text, origin), 1U) << text;
  return g_complaints.empty() ? "" : g_complaints[0];
}

TEST(Tunables, StartAtTheirDefaults) {
  const Tunables tunables;
  for (size_t row = 0; row < kTunableCount; ++row) {
    EXPECT_EQ(tunables.get(static_cast<Tunable>(row)), kTunableRows[row].initial);
    EXPECT_GE(kTunableRows[row].initial, kTunableRows[row].least);
    EXPECT_LE(kTunableRows[row].initial, kTunableRows[row].greatest);
    EXPECT_EQ(tunables.origin(row), Origin::kDefault);
    EXPECT_EQ(find_tunable(kTunableRows[row].name, std::strlen(kTunableRows[row].name)), row);
  }
}

TEST(Tunables, ReadNumbersWithSuffixes) {
  Tunables tunables;
  EXPECT_EQ(parse(tunables, "transfer_cache_bytes=3k"), 0U);
  EXPECT_EQ(tunables.get(Tunable::transfer_cache_bytes), 3072U);
  EXPECT_EQ(parse(tunables, "transfer_cache_bytes=2M"), 0U);
  EXPECT_EQ(tunables.get(Tunable::transfer_cache_bytes), 2U << 20);
  EXPECT_EQ(parse(tunables, "transfer_cache_bytes=1T"), 0U);
  EXPECT_EQ(tunables.get(Tunable::transfer_cache_bytes), uint64_t{1} << 40);
}

TEST(Tunables, ReadListsWithSpacesAndLines) {
  Tunables tunables;
  EXPECT_EQ(parse(tunables, " decay_ms=5 ,\n\tidle_ms=6\n,,remote_policy=hybrid,"), 0U);
  EXPECT_EQ(tunables.get(Tunable::decay_ms), 5U);
  EXPECT_EQ(tunables.get(Tunable::idle_ms), 6U);
  EXPECT_EQ(tunables.get_as<RemotePolicy>(Tunable::remote_policy), RemotePolicy::kHybrid);
  EXPECT_EQ(tunables.origin(static_cast<size_t>(Tunable::decay_ms)), Origin::kEnvironment);
}

TEST(Tunables, RefuseBadValuesAndKeepTheOldOnes) {
  for (const char* text : {"decay_ms=", "decay_ms=x", "decay_ms=-1", "decay_ms=K", "decay_ms=1KK",
                           "decay_ms=99999999999999999999999", "transfer_cache_bytes=16777216T",
                           "remote_batch=0", "remote_batch=63", "remote_policy=Direct",
                           "remote_policy=", "strict=2", "decay_ms", "=5"}) {
    Tunables tunables;
    EXPECT_EQ(parse(tunables, text), 1U) << text;
    for (size_t row = 0; row < kTunableCount; ++row)
      EXPECT_EQ(tunables.get(static_cast<Tunable>(row)), kTunableRows[row].initial) << text;
  }
}

TEST(Tunables, SayWhatWouldBeRight) {
  EXPECT_NE(complaint("remote_batch=99").find("1 to 62 blocks"), std::string::npos);
  EXPECT_NE(complaint("purge=maybe").find("one of dontneed|off"), std::string::npos);
  EXPECT_NE(complaint("decay").find("has no value"), std::string::npos);
  EXPECT_NE(complaint("decai_ms=1").find("did you mean decay_ms?"), std::string::npos);
  EXPECT_NE(complaint("stats_at_exi=text").find("did you mean stats_at_exit?"), std::string::npos);
  EXPECT_NE(complaint("thp=on", Origin::kCall).find("at start only"), std::string::npos);
}

TEST(Tunables, CountEachBadEntry) {
  Tunables tunables;
  EXPECT_EQ(parse(tunables, "nonsense=1,decay_ms=7,purge=x"), 2U);
  EXPECT_EQ(tunables.get(Tunable::decay_ms), 7U);
}

TEST(Tunables, PrintWhatTheyRead) {
  Tunables tunables;
  EXPECT_EQ(parse(tunables, "foreign=ignore,decay_ms=1K"), 0U);
  char buffer[32];
  Text choice(buffer, sizeof buffer);
  tunables.print(static_cast<size_t>(Tunable::foreign), choice);
  EXPECT_STREQ(buffer, "ignore");
  Text number(buffer, sizeof buffer);
  tunables.print(static_cast<size_t>(Tunable::decay_ms), number);
  EXPECT_STREQ(buffer, "1024");
}

TEST(Tunables, TakeAnExitReport) {
  Tunables tunables;
  EXPECT_EQ(parse(tunables, "stats_at_exit=json:/tmp/x.%p"), 0U);
  EXPECT_STREQ(tunables.exit_report(), "json:/tmp/x.%p");
  for (const char* text : {"stats_at_exit=xml", "stats_at_exit=json:", "stats_at_exit=textual"})
    EXPECT_EQ(parse(tunables, text), 1U) << text;
  EXPECT_EQ(parse(tunables, ("stats_at_exit=text:" + std::string(300, 'x')).c_str()), 1U);
  EXPECT_STREQ(tunables.exit_report(), "json:/tmp/x.%p");
}

}  // namespace
