// `tamari run`, `env` and `options` with a stand-in for the library.
#include <gtest/gtest.h>

#include "lab/child.h"
#include "lab/preload.h"

namespace tamari::lab {
namespace {

using Words = std::vector<std::string>;

ChildResult run_tamari(const std::string& command, const Words& words,
                       const std::vector<EnvironmentChange>& environment = {}) {
  ChildRequest request;
  request.argv = {TAMARI_PROGRAM, command, "--lib", FAKE_LIBRARY};
  request.argv.insert(request.argv.end(), words.begin(), words.end());
  request.environment = {{kPreloadVariable, std::nullopt}, {kSettingsVariable, std::nullopt}};
  for (const EnvironmentChange& change : environment) request.environment.push_back(change);
  return run_child(request);
}

TEST(Run, PutsTheLibraryUnderTheProgram) {
  const ChildResult child = run_tamari("run", {"--set", "known=1", "--", "sh", "-c",
                                               "echo $LD_PRELOAD $TAMARI_CONF $1", "sh", "--set"});
  EXPECT_EQ(child.out, std::string(FAKE_LIBRARY) + " known=1 --set\n") << child.err;
}

TEST(Run, KeepsThePreloadAndTheSettingsThatWereThere) {
  const ChildResult child =
      run_tamari("run", {"--set", "known=2", "--", "sh", "-c", "echo $LD_PRELOAD $TAMARI_CONF"},
                 {{kPreloadVariable, "libm.so.6"}, {kSettingsVariable, "known=1"}});
  EXPECT_EQ(child.out, std::string(FAKE_LIBRARY) + ":libm.so.6 known=1,known=2\n") << child.err;
}

TEST(Run, BecomesTheProgram) {
  EXPECT_EQ(run_tamari("run", {"--", "sh", "-c", "exit 5"}).exit_status(), 5);
  ChildRequest request;
  request.argv = {"/bin/sh", "-c",
                  std::string("echo $$; exec ") + TAMARI_PROGRAM + " run --lib " + FAKE_LIBRARY +
                      " -- sh -c 'echo $$'"};
  const std::string out = run_child(request).out;
  const std::string first = out.substr(0, out.find('\n') + 1);
  EXPECT_EQ(out, first + first);
}

TEST(Run, PassesOnWhatTheLibrarySaysOfBadSettings) {
  const ChildResult child = run_tamari("run", {"--set", "unknown=1", "--", "true"});
  EXPECT_EQ(child.exit_status(), 2);
  EXPECT_NE(child.err.find("Did you mean known?"), std::string::npos) << child.err;
}

TEST(Run, RefusesALibraryThatDoesNotOwnMalloc) {
  ChildRequest request;
  request.argv = {TAMARI_PROGRAM, "run", "--lib", TAMARI_PROGRAM, "--", "true"};
  EXPECT_EQ(run_child(request).exit_status(), 3);
}

TEST(Env, PrintsWhatRunWouldSet) {
  const ChildResult child = run_tamari("env", {"--set", "known=a b"});
  EXPECT_EQ(child.out, std::string("LD_PRELOAD=") + FAKE_LIBRARY + " TAMARI_CONF='known=a b'\n");
}

TEST(Options, AreTheLibrarysOwn) { EXPECT_EQ(run_tamari("options", {}).out, "known  a key\n"); }

}  // namespace
}  // namespace tamari::lab
