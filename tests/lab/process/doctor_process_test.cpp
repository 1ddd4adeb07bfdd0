// `tamari doctor --pid`: a process under the library, and why others are not.
#include <gtest/gtest.h>

#include "lab/child.h"
#include "tests/lab/process/resting_process.h"

namespace tamari::lab {
namespace {

void expect_doctor(pid_t pid, int status, const std::vector<std::string>& parts) {
  ChildRequest request;
  request.argv = {TAMARI_PROGRAM, "doctor", "--pid", std::to_string(pid)};
  const ChildResult child = run_child(request);
  EXPECT_EQ(child.exit_status(), status) << child.out << child.err;
  for (const std::string& part : parts) {
    EXPECT_NE((child.out + child.err).find(part), std::string::npos) << "no '" << part << "' in:\n"
                                                                     << child.out << child.err;
  }
}

TEST(DoctorProcess, UnderTheLibrary) {
  const RestingProcess process({RESTING_PROGRAM}, {{"LD_PRELOAD", TAMARI_LIBRARY}});
  expect_doctor(process.pid(), 0,
                {"  ok  process        process ", RESTING_PROGRAM,
                 "takes its memory from it; `tamari explain " + std::to_string(process.pid())});
}

TEST(DoctorProcess, StartedWithoutIt) {
  const RestingProcess process({RESTING_PROGRAM}, {});
  expect_doctor(process.pid(), 17,
                {"fail  process", "does not run under tamari", "was started without LD_PRELOAD"});
}

TEST(DoctorProcess, StartedWithAnotherPreload) {
  const RestingProcess process({RESTING_PROGRAM}, {{"LD_PRELOAD", "libm.so.6"}});
  expect_doctor(process.pid(), 17, {"was started with LD_PRELOAD=libm.so.6: start it by"});
}

TEST(DoctorProcess, StartedWithALibraryThatIsNotThere) {
  const RestingProcess process({RESTING_PROGRAM}, {{"LD_PRELOAD", "/no/libtamari.so"}});
  expect_doctor(process.pid(), 17, {"with LD_PRELOAD=/no/libtamari.so, but malloc is not"});
}

TEST(DoctorProcess, HasTheLibraryOnlyBesideItsMalloc) {
  const RestingProcess process({RESTING_PROGRAM, "beside", TAMARI_LIBRARY}, {});
  expect_doctor(process.pid(), 17, {"has the library, but takes no memory from it"});
}

TEST(DoctorProcess, AStaticProgramIsNamedAsSuch) {
  const RestingProcess process({STATIC_RESTING_PROGRAM}, {{"LD_PRELOAD", TAMARI_LIBRARY}});
  expect_doctor(process.pid(), 17, {"is statically linked: no loader reads LD_PRELOAD"});
}

TEST(DoctorProcess, OneThatIsNotThere) {
  RestingProcess process({RESTING_PROGRAM}, {});
  const pid_t pid = process.pid();
  process.end();
  expect_doctor(pid, 2, {"there is no process " + std::to_string(pid)});
}

}  // namespace
}  // namespace tamari::lab
