// What `tamari ab` and `tamari sweep` leave behind: the reports in the experiment's folder, further
// files that were asked for, and the figures on standard output.
#pragma once

#include <string>

#include "lab/experiment/report.h"

namespace tamari::lab {

// Names of files; empty: not wanted beyond what is in the folder.
struct ReportFiles {
  bool json = false;  // on standard output, instead of the text
  std::string tsv;
  std::string markdown;
  std::string html;
  std::string junit;
};

// Before the first sample: a file that cannot be written is a CommandError.
void require_writable(const ReportFiles& files);

// A new folder for an experiment: `wanted`, or PREFIX-YYYYMMDD-HHMMSS. One that holds an experiment
// already is a CommandError that shows how to resume it.
std::string new_folder(const std::string& wanted, const std::string& prefix,
                       const std::string& command);

using Conclude = Conclusion (*)(const Experiment&, const Judgement&);

// Runs the plan in a new folder, judges it and publishes it; returns the exit status.
int carry_out(const Plan& plan, const std::string& folder, const ReportFiles& files,
              Conclude conclude);

// Runs a part of the plan, in a new folder or in one that holds some of that part. Half an
// experiment is not judged: a finished shard is kEveryGateHeld, an unfinished one kUndecided.
int carry_out_shard(const Plan& plan, const std::string& folder, const Shard& shard,
                    const ReportFiles& files);

// Judges what the folder holds, and publishes it.
int judge_folder(const std::string& folder, const ReportFiles& files, Conclude conclude);

// Goes on with what the folder holds. A complete experiment is judged and published again, wherever
// its libraries have gone.
int resume(const std::string& folder, const ReportFiles& files, Conclude conclude);

}  // namespace tamari::lab
