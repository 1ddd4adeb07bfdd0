#include "lab/preload.h"

#include <gtest/gtest.h>

#include "lab/command_error.h"

namespace tamari::lab {
namespace {

TEST(MergeSettings, PutsTheExistingOnesFirst) {
  EXPECT_EQ(merge_settings("a=1", {"b=2", "a=3"}), "a=1,b=2,a=3");
  EXPECT_EQ(merge_settings("", {"b=2"}), "b=2");
  EXPECT_EQ(merge_settings("a=1", {}), "a=1");
}

TEST(MergeSettings, RefusesWhatIsNotKeyAndValue) {
  EXPECT_THROW(merge_settings("", {"b"}), CommandError);
  EXPECT_THROW(merge_settings("", {"=2"}), CommandError);
}

TEST(MergePreload, KeepsWhatWasThere) {
  EXPECT_EQ(merge_preload("/a/x.so", ""), "/a/x.so");
  EXPECT_EQ(merge_preload("/a/x.so", "/b/y.so"), "/a/x.so:/b/y.so");
}

TEST(MergePreload, RefusesAPathThatTheLoaderWouldCut) {
  EXPECT_THROW(merge_preload("/a b/x.so", ""), CommandError);
  EXPECT_THROW(merge_preload("/a:b/x.so", ""), CommandError);
}

TEST(OwnershipProblem, NamesTheFirstStranger) {
  const FileIdentity shell = identify("/bin/sh").value();
  EXPECT_EQ(ownership_problem({{"malloc", "/bin/sh"}, {"free", "/bin/sh"}}, shell, true), "");
  EXPECT_EQ(ownership_problem({{"malloc", "/bin/sh"}, {"free", "/proc/self/exe"}}, shell, true),
            "free comes from /proc/self/exe");
  EXPECT_EQ(ownership_problem({{"malloc", ""}}, shell, true), "malloc comes from nowhere");
  EXPECT_NE(ownership_problem({}, shell, true), "");
}

TEST(OwnershipProblem, OperatorsCountOnlyWhenAsked) {
  const FileIdentity shell = identify("/bin/sh").value();
  const Owners owners = {{"malloc", "/bin/sh"}, {"operator_new", "/proc/self/exe"}};
  EXPECT_EQ(ownership_problem(owners, shell, false), "");
  EXPECT_NE(ownership_problem(owners, shell, true), "");
}

}  // namespace
}  // namespace tamari::lab
