// Who is refused before the first sample, and why.
#include "lab/experiment/arms.h"

#include <filesystem>

#include "tests/lab/experiment/sampling.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

using Arms = Sampling;

TEST_F(Arms, KnowTamariByWhatItExports) {
  const TemporaryFolder temporary;
  const std::string copy = temporary.file("planted.so");
  std::filesystem::copy_file(TAMARI_LIBRARY, copy);
  const ReadyArm arm = ready(copy, {"stash_drain_limit=64"});
  EXPECT_TRUE(arm.is_tamari);
  EXPECT_EQ(arm.library.sha256.size(), 64u);
  EXPECT_FALSE(arm.library.build_id.empty());
  EXPECT_FALSE(ready(FAKE_LIBRARY).is_tamari);
}

TEST_F(Arms, RefuseALibraryThatDoesNotOwnMalloc) {
  const std::string sentence = refusal("/lib/x86_64-linux-gnu/libm.so.6");
  EXPECT_HAS(sentence, "arm 'this': ");
  EXPECT_HAS(sentence, "does not own malloc: ");
}

TEST_F(Arms, RefuseWhatIsNoLibrary) {
  EXPECT_HAS(refusal("/no/such.so"), "arm 'this': /no/such.so: No such file or directory");
  EXPECT_HAS(refusal("/etc/passwd"), "/etc/passwd is not a shared library");
}

TEST_F(Arms, RefuseSettingsThatTheLibraryDoesNotTake) {
  EXPECT_HAS(refusal(TAMARI_LIBRARY, {"stash_drian_limit=64"}), "arm 'this': the library refuses");
  EXPECT_HAS(stderr_, "stash_drain_limit");
  EXPECT_HAS(refusal(FAKE_LIBRARY, {"known=1"}), "is not a tamari and takes no settings");
  EXPECT_HAS(refusal(TAMARI_LIBRARY, {"stats_at_exit=text"}), "leave it out");
}

TEST_F(Arms, RefuseAPreloadOfTheUsersThatTakesMallocFromGlibc) {
  EXPECT_EQ(ready("glibc").arm.preload, "");
  const Variable preload("LD_PRELOAD", FAKE_LIBRARY);
  EXPECT_HAS(refusal("glibc"), std::string(" comes from ") + FAKE_LIBRARY);
}

TEST_F(Arms, KeepAPreloadOfTheUsersBehindTheirOwn) {
  const std::string other = "/lib/x86_64-linux-gnu/libm.so.6";
  const Variable preload("LD_PRELOAD", other);
  EXPECT_EQ(ready(TAMARI_LIBRARY).arm.preload, std::string(TAMARI_LIBRARY) + ":" + other);
  EXPECT_EQ(ready("glibc").arm.preload, other);
}

TEST(SettingsProblem, ComparesValuesNotSpellings) {
  const std::map<std::string, std::string> effective = {{"a", "2048"}, {"b", "off"}, {"c", "1|2"}};
  EXPECT_EQ(settings_problem({"a=2K", "b=off"}, effective), "");
  EXPECT_EQ(settings_problem({"a=1", "a=2k"}, effective), "");
  EXPECT_EQ(settings_problem({"a=1"}, effective), "a=1 was asked for, 2048 is in force");
  EXPECT_EQ(settings_problem({"c=1"}, effective), "c=1 was asked for, 1|2 is in force");
  EXPECT_EQ(settings_problem({"d=1"}, effective), "d is not among the settings in force");
}

}  // namespace
}  // namespace tamari::lab
