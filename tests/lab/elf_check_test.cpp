#include "lab/elf_check.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

class ElfCheck : public ::testing::Test {
 protected:
  // A copy of this test program, a dynamic ELF file, with one byte changed.
  std::string patched_self(const std::string& name, std::size_t offset, char value) {
    const std::string path = folder_.file(name);
    std::filesystem::copy_file("/proc/self/exe", path);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(value);
    return path;
  }

  std::string reason(const std::string& program) {
    const ProgramCheck check = check_program(program, library_);
    return check.refusal ? check.refusal->reason : "";
  }

  // A library would have the class and machine of this program.
  const ElfFacts library_ = read_elf("/proc/self/exe").value();
  const TemporaryFolder folder_;
};

TEST_F(ElfCheck, AcceptsADynamicProgram) { EXPECT_EQ(reason("/proc/self/exe"), ""); }

TEST_F(ElfCheck, FindsAProgramInThePath) {
  const ProgramCheck check = check_program("sh", library_);
  EXPECT_FALSE(check.refusal.has_value());
  EXPECT_EQ(check.path.front(), '/');
}

TEST_F(ElfCheck, SaysWhenThereIsNoSuchProgram) {
  const ProgramCheck check = check_program("no-such-program", library_);
  ASSERT_TRUE(check.refusal.has_value());
  EXPECT_EQ(check.refusal->obstacle, Obstacle::kNotFound);
  EXPECT_NE(check.refusal->reason.find("not in PATH"), std::string::npos);
}

TEST_F(ElfCheck, RefusesAFileThatIsNotExecutable) {
  const std::string path = folder_.write("plain", "#!/bin/sh\n");
  chmod(path.c_str(), 0644);
  EXPECT_NE(reason(path).find("not executable"), std::string::npos);
}

TEST_F(ElfCheck, RefusesAStaticProgram) {
  EXPECT_NE(reason(STATIC_PROGRAM).find("statically linked"), std::string::npos);
}

TEST_F(ElfCheck, RefusesAProgramWithItsOwnMalloc) {
  EXPECT_NE(reason(OWN_MALLOC_PROGRAM).find("its own malloc"), std::string::npos);
}

// The one defines no malloc, its sanitizer's shared library does; the other has both inside.
TEST_F(ElfCheck, RefusesProgramsOfASanitizer) {
  for (const char* program : {SANITIZER_PROGRAM, SANITIZER_INSIDE_PROGRAM}) {
    EXPECT_NE(reason(program).find("built with a sanitizer"), std::string::npos) << program;
  }
}

TEST_F(ElfCheck, RefusesAnotherClass) {
  EXPECT_NE(reason(patched_self("elf32", EI_CLASS, ELFCLASS32)).find("32-bit"), std::string::npos);
}

TEST_F(ElfCheck, RefusesAnotherMachine) {
  constexpr std::size_t kMachineOffset = 18;
  constexpr char kM68k = EM_68K;
  EXPECT_NE(reason(patched_self("m68k", kMachineOffset, kM68k)).find("ELF machine 4"),
            std::string::npos);
}

TEST_F(ElfCheck, RefusesSetUidAndSetGid) {
  const std::string path = patched_self("privileged", EI_PAD, 0);
  chmod(path.c_str(), 04755);
  EXPECT_NE(reason(path).find("set-uid"), std::string::npos);
  chmod(path.c_str(), 02755);
  EXPECT_NE(reason(path).find("set-gid"), std::string::npos);
}

TEST_F(ElfCheck, FollowsTheInterpreterOfAScript) {
  EXPECT_EQ(reason(folder_.write("dynamic", "#!/bin/sh -e\ntrue\n")), "");
  EXPECT_EQ(reason(folder_.write("by-env", "#!/usr/bin/env sh\ntrue\n")), "");
  EXPECT_NE(reason(folder_.write("static", std::string("#!") + STATIC_PROGRAM + "\n"))
                .find("statically linked"),
            std::string::npos);
  EXPECT_NE(reason(folder_.write("missing", "#!/no/such/interpreter\n")).find("is not there"),
            std::string::npos);
}

TEST_F(ElfCheck, RefusesAnythingElse) {
  EXPECT_NE(reason(folder_.write("text", "hello\n")).find("neither an ELF"), std::string::npos);
  EXPECT_NE(reason(folder_.write("empty", "")).find("neither an ELF"), std::string::npos);
  EXPECT_NE(reason(folder_.write("blank", "#!\n")).find("neither an ELF"), std::string::npos);
}

// CMakeLists.txt gives the static program this build id.
TEST(ReadElf, FindsTheBuildId) {
  EXPECT_EQ(read_elf(STATIC_PROGRAM)->build_id, "0123456789abcdef");
}

TEST_F(ElfCheck, SurvivesADamagedFile) {
  std::ifstream self("/proc/self/exe", std::ios::binary);
  std::string start(80, '\0');
  self.read(start.data(), static_cast<std::streamsize>(start.size()));
  EXPECT_NE(reason(folder_.write("cut", start)).find("statically linked"), std::string::npos);
}

}  // namespace
}  // namespace tamari::lab
