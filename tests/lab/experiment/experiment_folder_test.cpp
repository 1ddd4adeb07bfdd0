#include "lab/experiment/experiment_folder.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <sstream>

#include "lab/command_error.h"
#include "tests/lab/experiment/make_plan.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

FolderHeader header_of(const Plan& plan) {
  FolderHeader header;
  header.plan = plan;
  header.machine = describe_machine();
  header.machine_id = "m1";
  header.subjects = {{"arm base", "", {"/lib/l.so", "aa", ""}}};
  return header;
}

SampleRecord record_of(std::size_t index) {
  SampleRecord record;
  record.machine = "m1";
  record.index = index;
  return record;
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const CommandError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "not refused";
}

class Folder : public testing::Test {
 protected:
  std::unique_ptr<ExperimentFolder> open(const FolderHeader& header, std::uint64_t bytes = 0) {
    return std::make_unique<ExperimentFolder>(path_, header, bytes);
  }
  std::string refusal_to_open(const FolderHeader& header, std::uint64_t bytes = 0) {
    return refusal([&] { open(header, bytes); });
  }
  std::string samples() const {
    std::ostringstream text;
    text << std::ifstream(path_ + "/samples.jsonl").rdbuf();
    return text.str();
  }

  TemporaryFolder temporary_;
  std::string path_ = temporary_.file("experiment");
  FolderHeader header_ = header_of(make_plan({"a"}, 2));
};

TEST_F(Folder, KeepsRecordsAndSessions) {
  {
    const auto folder = open(header_);
    EXPECT_TRUE(folder->header().sessions.empty());
    folder->begin_session();
    folder->append(record_of(0));
    folder->append(record_of(1));
  }
  const FolderContents contents = read_folder(path_);
  ASSERT_EQ(contents.records.size(), 2u);
  EXPECT_EQ(contents.records[1].index, 1u);
  ASSERT_EQ(contents.header.sessions.size(), 1u);
  EXPECT_EQ(contents.header.sessions[0].ended, "");
  EXPECT_EQ(to_json(contents.header.plan), to_json(header_.plan));
  const auto again = open(header_);
  again->begin_session();
  again->end_session();
  const auto sessions = read_folder(path_).header.sessions;
  ASSERT_EQ(sessions.size(), 2u);
  EXPECT_NE(sessions[1].ended, "");
}

TEST_F(Folder, DropsATornLineAndGoesOnBehindTheWholeOnes) {
  {
    const auto folder = open(header_);
    folder->append(record_of(0));
    folder->append(record_of(1));
  }
  const std::string whole = samples();
  std::filesystem::resize_file(path_ + "/samples.jsonl", whole.size() - 3);
  EXPECT_EQ(read_folder(path_).records.size(), 1u);
  const auto folder = open(header_);
  EXPECT_EQ(folder->records().size(), 1u);
  folder->append(record_of(1));
  EXPECT_EQ(samples(), whole);
}

TEST_F(Folder, RefusesADamagedLineInTheMiddle) {
  open(header_);
  std::ofstream(path_ + "/samples.jsonl") << to_json_line(record_of(0)) << "\nnonsense\n"
                                          << to_json_line(record_of(1)) << "\n";
  EXPECT_NE(refusal_to_open(header_).find("samples.jsonl: line 2"), std::string::npos);
}

TEST_F(Folder, RefusesASecondProcess) {
  const auto folder = open(header_);
  const pid_t other = fork();
  if (other == 0) {
    const std::string text = refusal_to_open(header_);
    _exit(text.find("another tamari is at work there") == std::string::npos ? 1 : 0);
  }
  int status = -1;
  waitpid(other, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(Folder, RefusesAnotherPlan) {
  open(header_);
  FolderHeader other = header_;
  other.plan.seed = 2;
  EXPECT_NE(refusal_to_open(other).find("another plan: choose another folder"), std::string::npos);
}

TEST_F(Folder, RefusesAnotherBuildOfALibrary) {
  open(header_);
  FolderHeader other = header_;
  other.subjects[0].file.sha256 = "changed";
  EXPECT_NE(refusal_to_open(other).find("arm base has become another file"), std::string::npos);
}

TEST_F(Folder, RefusesAPlanOfAnotherSchema) {
  open(header_);
  std::string text = to_json(header_);
  const std::string schema = "tamari.experiment/1";
  text.replace(text.find(schema), schema.size(), "tamari.experiment/7");
  std::ofstream(path_ + "/plan.json") << text;
  const std::string sentence = refusal_to_open(header_);
  EXPECT_NE(sentence.find("plan.json"), std::string::npos);
  EXPECT_NE(sentence.find("tamari.experiment/7"), std::string::npos) << sentence;
}

TEST_F(Folder, RefusesAFolderThatCannotBeMade) {
  temporary_.write("experiment", "a file");
  EXPECT_NE(refusal_to_open(header_).find("cannot be made"), std::string::npos);
}

TEST_F(Folder, RefusesADiskWithoutRoom) {
  EXPECT_NE(refusal_to_open(header_, std::uint64_t{1} << 60).find("MiB are free"),
            std::string::npos);
}

TEST_F(Folder, IsNoExperimentWithoutAPlan) {
  EXPECT_NE(refusal([] { read_folder("/proc"); }).find("is this the folder of an experiment?"),
            std::string::npos);
}

// Lowers the greatest size of a file, which is how a full disk looks to this process.
class SizeLimit {
 public:
  explicit SizeLimit(std::size_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(Folder, LosesNothingWhenTheDiskIsFull) {
  const auto folder = open(header_);
  folder->append(record_of(0));
  folder->append(record_of(1));
  const std::string before = samples();
  {
    const SizeLimit limit(before.size() + 10);
    const std::string sentence = refusal([&] { folder->append(record_of(2)); });
    EXPECT_NE(sentence.find("File too large"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("the 2 samples before are safe"), std::string::npos) << sentence;
    EXPECT_EQ(samples(), before);
  }
  EXPECT_EQ(read_folder(path_).records.size(), 2u);
  folder->append(record_of(2));
  EXPECT_EQ(read_folder(path_).records.size(), 3u);
}

TEST_F(Folder, KeepsThePlanWhenTheDiskIsFull) {
  const auto folder = open(header_);
  {
    const SizeLimit limit(100);
    const std::string sentence = refusal([&] { folder->begin_session(); });
    EXPECT_NE(sentence.find("plan.json: cannot be written: File too large"), std::string::npos);
  }
  EXPECT_TRUE(read_folder(path_).header.sessions.empty());
}

}  // namespace
}  // namespace tamari::lab
