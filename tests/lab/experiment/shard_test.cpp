// `tamari sweep --shard`, `--merge` and `--emit`, as commands.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lab/child.h"
#include "lab/command_error.h"
#include "lab/experiment/shard.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

constexpr char kFile[] = R"(
[base]
library = "glibc"
[[variant]]
name = "same"
[[program]]
name = "nap"
command = ["/bin/sleep", "0.01"]
[[stage]]
name = "screen"
runs = 7
gates = ["time<=+500%"]
)";

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

std::string read(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

void replace(const std::string& file, const std::string& from, const std::string& to) {
  const std::string text = replaced(read(file), from, to);
  std::ofstream(file) << text;
}

class Shards : public testing::Test {
 protected:
  ChildResult sweep(const std::vector<std::string>& words) {
    ChildRequest request;
    request.argv = {TAMARI_PROGRAM, "sweep"};
    request.argv.insert(request.argv.end(), words.begin(), words.end());
    request.timeout_s = 60;
    return run_child(request);
  }
  ChildResult run_shard(const std::string& shard, const std::string& name,
                        const std::string& text = kFile) {
    return sweep({temporary_.write("plan.toml", text), "--shard", shard, "--out", folder(name)});
  }
  // Two shards, the second as if another machine had taken it.
  void run_both() {
    ASSERT_EQ(run_shard("1/2", "one").exit_status(), 0);
    ASSERT_EQ(run_shard("2/2", "two").exit_status(), 0);
    const auto header = nlohmann::json::parse(read(folder("two") + "/plan.json"));
    const std::string machine = header.at("machine_id");
    replace(folder("two") + "/plan.json", machine, "m-other");
    replace(folder("two") + "/samples.jsonl", machine, "m-other");
  }
  ChildResult merge(const std::vector<std::string>& names) {
    std::vector<std::string> words = {"--merge"};
    for (const std::string& name : names) words.push_back(folder(name));
    words.insert(words.end(), {"--out", folder("result")});
    return sweep(words);
  }
  void expect_refusal(const std::vector<std::string>& names, int status, const std::string& part) {
    const ChildResult child = merge(names);
    EXPECT_EQ(child.exit_status(), status) << child.err;
    EXPECT_HAS(child.err, part);
    EXPECT_FALSE(std::filesystem::exists(folder("result") + "/plan.json"));
  }
  std::string folder(const std::string& name) const { return temporary_.file(name); }

  TemporaryFolder temporary_;
};

TEST(Shard, IsWrittenAsKOfN) {
  EXPECT_EQ(parse_shard("2/4"), (Shard{2, 4}));
  for (const char* text : {"", "2", "2/", "/4", "2/4x", "-1/4", "2:4"}) {
    EXPECT_THROW(parse_shard(text), CommandError) << text;
  }
}

TEST_F(Shards, AShardSaysWhichItIsAndIsNotJudged) {
  const ChildResult child = run_shard("2/2", "two");
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  EXPECT_HAS(child.out, "shard 2/2 is finished: 12 samples are in");
  const std::string said = replaced(child.out, folder("two"), "");  // a drawn name, any letters
  EXPECT_EQ(said.find("GO"), std::string::npos) << said;
  const auto header = nlohmann::json::parse(read(folder("two") + "/plan.json"));
  EXPECT_EQ(header["shard"]["k"], 2);
  EXPECT_EQ(header["shard"]["n"], 2);
  EXPECT_FALSE(std::filesystem::exists(folder("two") + "/report.html"));
}

TEST_F(Shards, TheSameCommandGoesOnWithAShardThatWasCutOff) {
  ASSERT_EQ(run_shard("1/2", "one").exit_status(), 0);
  const std::string samples = folder("one") + "/samples.jsonl";
  const std::string whole = read(samples);
  std::ofstream(samples) << whole.substr(0, whole.size() * 2 / 3);
  EXPECT_EQ(merge({"one"}).exit_status(), 4);
  const ChildResult child = run_shard("1/2", "one");
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  EXPECT_HAS(child.out, "shard 1/2 is finished: 15 samples");
  EXPECT_EQ(run_shard("2/2", "one").exit_status(), 4);
  EXPECT_EQ(sweep({"--resume", folder("one")}).exit_status(), 0);
}

TEST_F(Shards, AreJoinedAndJudgedWithTheirMachinesApart) {
  run_both();
  const ChildResult child = merge({"two", "one"});
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  EXPECT_HAS(child.out, "joined from 2 shards of 2 machines");
  EXPECT_HAS(child.out, "2 machines about wall time: same: they ");
  EXPECT_HAS(child.out, "Cochran's Q");
  EXPECT_HAS(child.out, "GO: ");
  EXPECT_HAS(read(folder("result") + "/report.md"), "2 machines about wall time");
  const auto json = nlohmann::json::parse(read(folder("result") + "/summary.json"));
  EXPECT_TRUE(json["complete"]);
  EXPECT_EQ(json["samples"], 15 + 12);
  EXPECT_TRUE(json["effects"][0]["between_machines"].contains("i_squared"));
  EXPECT_EQ(sweep({"--resume", folder("result")}).exit_status(), 0);
}

TEST_F(Shards, AStageForWinnersIsRunFromTheJoinedFolder) {
  const std::string text =
      std::string(kFile) + "[[stage]]\nname = \"replay\"\nruns = 6\nwinners_only = true\n";
  ASSERT_EQ(run_shard("1/2", "one", text).exit_status(), 0);
  ASSERT_EQ(run_shard("2/2", "two", text).exit_status(), 0);
  const ChildResult joined = merge({"one", "two"});
  EXPECT_EQ(joined.exit_status(), 2) << joined.err;
  EXPECT_HAS(joined.err, "--resume");
  const ChildResult child = sweep({"--resume", folder("result")});
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  EXPECT_HAS(child.out, "joined from 2 shards of 1 machine, resumed once");
}

TEST_F(Shards, OfOneMachineAreCountedInOneOrder) {
  ASSERT_EQ(run_shard("1/2", "one").exit_status(), 0);
  ASSERT_EQ(run_shard("2/2", "two").exit_status(), 0);
  ASSERT_EQ(merge({"one", "two"}).exit_status(), 0);
  std::ifstream lines(folder("result") + "/samples.jsonl");
  std::size_t expected = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_EQ(nlohmann::json::parse(line)["index"], expected++);
  }
}

TEST_F(Shards, ThatRanTogetherOnOneMachineAreToldOf) {
  ASSERT_EQ(run_shard("1/2", "one").exit_status(), 0);
  ASSERT_EQ(run_shard("2/2", "two").exit_status(), 0);
  const auto session = [&](const std::string& name) {
    return nlohmann::json::parse(read(folder(name) + "/plan.json")).at("sessions").front();
  };
  replace(folder("two") + "/plan.json", session("two").at("started"), session("one").at("started"));
  const ChildResult child = merge({"one", "two"});
  EXPECT_EQ(child.exit_status(), 0);
  EXPECT_HAS(child.err, "shards 1/2 and 2/2 ran at the same time on one machine");
}

TEST_F(Shards, RefusesWhatMakesNoWhole) {
  run_both();
  expect_refusal({"one"}, 4, "shard 2/2 is missing: give the folder of each shard");
  expect_refusal({"one", "two", "one"}, 4, "shard 1/2 is there twice, in ");
  expect_refusal({"none"}, 4, "is this the folder of an experiment?");
  ASSERT_EQ(run_shard("1/3", "third").exit_status(), 0);
  expect_refusal({"one", "third"}, 4, "give the shards of one division");
  expect_refusal({"third"}, 4, "shards 2/3, 3/3 are missing");
  replace(folder("two") + "/samples.jsonl", "\"block\":3", "\"block\":2");
  expect_refusal({"one", "two"}, 4, "has a sample of block 3, which is another shard's");
  sweep({temporary_.write("plan.toml", kFile), "--out", folder("all")});
  expect_refusal({"all", "two"}, 4, "holds a whole experiment and no shard");
}

TEST_F(Shards, RefusesAShardThatIsNotFinished) {
  run_both();
  const std::string samples = folder("one") + "/samples.jsonl";
  const std::string whole = read(samples);
  std::ofstream(samples) << whole.substr(0, whole.rfind('\n', whole.size() - 2) + 1);
  expect_refusal({"one", "two"}, 4, "shard 1/2 is not finished: `tamari sweep --resume ");
}

TEST_F(Shards, RefusesOtherPlansBinariesAndSchemas) {
  run_both();
  std::string text = kFile;
  text.replace(text.find("+500"), 4, "+400");
  ASSERT_EQ(run_shard("1/2", "gate", text).exit_status(), 0);
  expect_refusal({"gate", "two"}, 3, "are shards of different plans: their stages differ");
  const auto header = nlohmann::json::parse(read(folder("two") + "/plan.json"));
  const std::string hash = header.at("subjects").back().at("sha256");
  replace(folder("two") + "/plan.json", hash, std::string(64, '0'));
  expect_refusal({"one", "two"}, 3, "workload nap is not the same file in ");
  replace(folder("two") + "/plan.json", "tamari.experiment/1", "tamari.experiment/2");
  expect_refusal({"one", "two"}, 4, "use the newer tamari");
}

TEST_F(Shards, RefusesWhatDoesNotGoTogether) {
  const std::string file = temporary_.write("plan.toml", kFile);
  const auto expect = [&](const std::vector<std::string>& words, const std::string& part) {
    const ChildResult child = sweep(words);
    EXPECT_EQ(child.exit_status(), 4) << child.err;
    EXPECT_HAS(child.err, part);
  };
  expect({file, "--shard", "1/8", "--out", folder("x")}, "make it 7 or fewer");
  expect({file, "--shard", "3/2", "--out", folder("x")}, "K from 1 to N");
  expect({file, "--shard", "1/2"}, "needs --out");
  expect({file, "--shard", "1/2", "--out", folder("x"), "--json"}, "leave out --json");
  expect({file, "--merge", folder("x")}, "--merge takes folders");
  expect({file, "--emit", "slurm"}, "needs --shards N");
  expect({file, "--emit", "slrum", "--shards", "2"}, "did you mean 'slurm'?");
  expect({file, "--shards", "2"}, "--shards goes with --emit");
  EXPECT_FALSE(std::filesystem::exists(folder("x")));
}

}  // namespace
}  // namespace tamari::lab
