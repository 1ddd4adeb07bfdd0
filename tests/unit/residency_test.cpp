#include "pages/residency.h"

#include <gtest/gtest.h>

#include <cstring>

#include "world.h"

namespace {

using namespace tamari;

class ResidencyTest : public testing::Test {
 protected:
  ResidencyTest() { EXPECT_TRUE(world.start() && world.arena.grow(8)); }

  World world;
  const size_t os_page = os::page_size();
};

TEST_F(ResidencyTest, CountsTouchedPagesByTheByte) {
  char* window = world.arena.address_of(0);
  std::memset(window + 2 * os_page, 1, 2 * os_page);
  const Residency resident(world.arena);
  ASSERT_TRUE(resident.is_known());
  EXPECT_EQ(resident.bytes(0, 8 << kPageShift), 2 * os_page);
  EXPECT_EQ(resident.bytes(0, 2 * os_page), 0U);
  EXPECT_EQ(resident.bytes(2 * os_page + 10, 20), 20U);
  EXPECT_EQ(resident.bytes(2 * os_page - 10, 20), 10U);
  EXPECT_EQ(resident.bytes(4 * os_page - 10, 20), 10U);
  EXPECT_EQ(resident.bytes(2 * os_page - 10, 2 * os_page + 20), 2 * os_page);
  EXPECT_EQ(resident.bytes(2 * os_page + 10, 2 * os_page), 2 * os_page - 10);
  EXPECT_EQ(resident.bytes(3 * os_page, 0), 0U);
}

TEST_F(ResidencyTest, PurgedPagesAndThoseBehindTheWindowAreNot) {
  char* window = world.arena.address_of(0);
  std::memset(window, 1, 4 * os_page);
  ASSERT_TRUE(os::purge(window, 2 * os_page));
  const Residency resident(world.arena);
  EXPECT_EQ(resident.bytes(0, 1 << kPageShift), 2 * os_page);
  EXPECT_EQ(resident.bytes(size_t{1} << 40, os_page), 0U);
}

TEST_F(ResidencyTest, AnyRangeCountsInWholePages) {
  char* window = world.arena.address_of(0);
  std::memset(window + os_page, 1, 1);
  EXPECT_EQ(resident_bytes_of(window, 1), 0U);
  EXPECT_EQ(resident_bytes_of(window + os_page + 5, 1), os_page);
  EXPECT_EQ(resident_bytes_of(window + 5, 8 << kPageShift), os_page);
}

TEST_F(ResidencyTest, UnknownWithoutMemoryForTheAnswer) {
  os::g_fake.reserve.fails_at = 1;
  const Residency resident(world.arena);
  EXPECT_FALSE(resident.is_known());
}

}  // namespace
