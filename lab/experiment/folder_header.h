// plan.json of an experiment's folder: the plan itself, with beside it the machine, what each arm
// and program was by content, and the sessions in which samples were taken.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/environment.h"
#include "lab/experiment/plan.h"
#include "lab/experiment/sample_record.h"
#include "lab/experiment/shard.h"

namespace tamari::lab {

// An arm's library or a workload's program.
struct Subject {
  std::string name;     // "arm wide", "workload main"
  std::string preload;  // value of LD_PRELOAD, of an arm
  FileFacts file;
};

struct Session {
  std::string started;
  std::string ended;  // empty: interrupted or killed
};

struct FolderHeader {
  Plan plan;
  Machine machine;  // on which the experiment began
  std::string machine_id;
  std::vector<Subject> subjects;
  std::vector<Session> sessions;
  Shard shard;             // the part of the plan that is carried out here
  std::size_t joined = 1;  // shards that were joined into this folder
};

std::string to_json(const FolderHeader& header);

// Throws CommandError, of a plan of another schema too.
FolderHeader header_from_json(const std::string& text);

// May an experiment that began with `stored` go on as `wanted`? Empty, or why not.
std::string continuation_problem(const FolderHeader& stored, const FolderHeader& wanted);

}  // namespace tamari::lab
