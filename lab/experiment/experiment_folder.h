// The folder in which an experiment is kept. Whatever happens to this process or to the disk,
// records that were appended stay readable, and at most the last line is torn.
#pragma once

#include <string>
#include <vector>

#include "lab/experiment/folder_header.h"
#include "lab/experiment/sample_record.h"

namespace tamari::lab {

// What a folder holds; read without taking it.
struct FolderContents {
  FolderHeader header;
  std::vector<SampleRecord> records;
  std::size_t whole_bytes = 0;  // of samples.jsonl, without a torn last line
};

// Throws CommandError if it holds no experiment; a torn last line is said on stderr.
FolderContents read_folder(const std::string& folder);

// All of an experiment at once, the header last: a folder that was cut off is none. CommandError if
// it holds samples already or cannot be written.
void write_folder(const std::string& folder, const FolderHeader& header,
                  const std::vector<SampleRecord>& records);

class ExperimentFolder {
 public:
  // Creates the folder, or takes one that holds a part of the same experiment. CommandError:
  // another experiment, another process at work in it, no permission, or less than `bytes` free.
  ExperimentFolder(const std::string& folder, const FolderHeader& header, std::uint64_t bytes);
  ~ExperimentFolder();
  ExperimentFolder(const ExperimentFolder&) = delete;
  ExperimentFolder& operator=(const ExperimentFolder&) = delete;

  const FolderHeader& header() const { return header_; }
  const std::vector<SampleRecord>& records() const { return records_; }

  // A session is written down before its first sample, so that a killed one is known.
  void begin_session();
  void end_session();

  // Returns once the record is on the disk. CommandError if it cannot be: then the file is as it
  // was.
  void append(const SampleRecord& record);

  // Standard error of a sample that failed.
  void keep_log(const SampleRecord& record, const std::string& err);

 private:
  void take();
  void continue_from(const FolderHeader& wanted);
  void write_header();

  std::string folder_;
  FolderHeader header_;
  std::vector<SampleRecord> records_;
  int samples_ = -1;  // locked as long as it is open
  std::size_t size_ = 0;
};

}  // namespace tamari::lab
