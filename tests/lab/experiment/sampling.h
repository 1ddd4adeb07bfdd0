// Arms made ready and sampled one by one, without an experiment around them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "lab/command_error.h"
#include "lab/experiment/arms.h"
#include "lab/experiment/exit_statistics.h"
#include "lab/experiment/sampler.h"

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

namespace tamari::lab {

class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

class Sampling : public testing::Test {
 protected:
  ReadyArm ready(const std::string& library, const std::vector<std::string>& settings = {}) {
    Plan plan;
    plan.arms = {{"this", library, settings, false}};
    return ready_arms(plan, statistics_).front();
  }
  std::string refusal(const std::string& library, const std::vector<std::string>& settings = {}) {
    testing::internal::CaptureStderr();
    std::string sentence = "not refused";
    try {
      ready(library, settings);
    } catch (const CommandError& error) {
      sentence = error.what();
    }
    stderr_ = testing::internal::GetCapturedStderr();
    return sentence;
  }
  // `is_lane`: the command prints what the benchmark program does.
  SampleRecord sample(const ReadyArm& arm, const std::vector<std::string>& command,
                      bool is_lane = false) {
    Plan plan;
    plan.timeout_s = 20;
    Workload workload;
    workload.name = "test";
    workload.command = command;
    plan.workloads = {workload};
    auto workloads = ready_workloads(plan, {arm});
    workloads.front().is_lane = is_lane;
    Sampler sampler(plan, describe_machine(), spawner_, statistics_);
    return sampler.take(arm, workloads.front())->record;
  }

  Spawner spawner_;
  StatisticsFolder statistics_;
  std::string stderr_;
};

}  // namespace tamari::lab
