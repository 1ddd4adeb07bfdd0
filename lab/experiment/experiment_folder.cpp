// See experiment_folder.h.
#include "lab/experiment/experiment_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

#include "lab/command_error.h"

namespace tamari::lab {
namespace {

namespace fs = std::filesystem;

constexpr char kHeaderFile[] = "/plan.json";
constexpr char kSamplesFile[] = "/samples.jsonl";
constexpr char kLogsFolder[] = "/logs";
constexpr mode_t kFileMode = 0666;  // less the user's mask

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw CommandError(kHarness, fmt::format("{}: {}", path, reason));
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    refuse(path, fmt::format("{}: is this the folder of an experiment?", std::strerror(errno)));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

FolderHeader read_header(const std::string& folder) {
  const std::string path = folder + kHeaderFile;
  try {
    return header_from_json(read_text(path));
  } catch (const CommandError& error) {
    if (std::string_view(error.what()).rfind(path, 0) == 0) throw;
    refuse(path, error.what());
  }
}

void read_records(const std::string& path, FolderContents& contents) {
  const std::string text = read_text(path);
  std::size_t at = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', at)) {
    try {
      contents.records.push_back(record_from_json_line(text.substr(at, end - at)));
    } catch (const CommandError& error) {
      refuse(path, fmt::format("line {}: {}", contents.records.size() + 1, error.what()));
    }
    at = end + 1;
  }
  contents.whole_bytes = at;
  if (at < text.size()) {
    fmt::print(stderr, "note: {}: the last line is torn; that sample is dropped\n", path);
  }
}

// All of it or an errno.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written == 0 ? ENOSPC : errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// The file is either the old one or the new one, never a part.
void replace_file(const std::string& path, const std::string& text) {
  const std::string next = path + ".new";
  const int file = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode);
  int error = file < 0 ? errno : write_all(file, text);
  if (error == 0 && fsync(file) != 0) error = errno;
  if (file >= 0) close(file);
  if (error == 0 && rename(next.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return;
  unlink(next.c_str());
  refuse(path, fmt::format("cannot be written: {}", std::strerror(error)));
}

void check_space(const std::string& folder, std::uint64_t bytes) {
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  if (error || space.available >= bytes) return;
  refuse(folder, fmt::format("{} MiB are free there, and the samples may need {}: make room, or "
                             "choose another folder",
                             space.available >> 20, (bytes >> 20) + 1));
}

}  // namespace

FolderContents read_folder(const std::string& folder) {
  FolderContents contents;
  contents.header = read_header(folder);
  const std::string samples = folder + kSamplesFile;
  if (fs::exists(samples)) read_records(samples, contents);
  return contents;
}

void write_folder(const std::string& folder, const FolderHeader& header,
                  const std::vector<SampleRecord>& records) {
  std::error_code error;
  fs::create_directories(folder + kLogsFolder, error);
  if (error) refuse(folder, fmt::format("cannot be made: {}", error.message()));
  const std::string samples = folder + kSamplesFile;
  if (fs::exists(samples)) refuse(folder, "it has samples already: choose another folder");
  std::string lines;
  for (const SampleRecord& record : records) lines += to_json_line(record) + "\n";
  replace_file(samples, lines);
  replace_file(folder + kHeaderFile, to_json(header));
}

ExperimentFolder::ExperimentFolder(const std::string& folder, const FolderHeader& header,
                                   std::uint64_t bytes)
    : folder_(folder), header_(header) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is then an error of write like any other
  std::error_code error;
  fs::create_directories(folder + kLogsFolder, error);
  if (error) refuse(folder, fmt::format("cannot be made: {}", error.message()));
  check_space(folder, bytes);
  take();
  try {
    if (fs::exists(folder + kHeaderFile)) {
      continue_from(header);
    } else {
      if (size_ > 0) refuse(folder, "it has samples but no plan.json: choose another folder");
      write_header();
    }
  } catch (...) {
    close(samples_);
    throw;
  }
}

ExperimentFolder::~ExperimentFolder() { close(samples_); }

void ExperimentFolder::take() {
  const std::string path = folder_ + kSamplesFile;
  samples_ = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode);
  if (samples_ < 0) refuse(path, fmt::format("cannot be written: {}", std::strerror(errno)));
  if (flock(samples_, LOCK_EX | LOCK_NB) != 0) {
    close(samples_);
    refuse(folder_, "another tamari is at work there: wait for it, or choose another folder");
  }
  size_ = static_cast<std::size_t>(lseek(samples_, 0, SEEK_END));
}

void ExperimentFolder::continue_from(const FolderHeader& wanted) {
  FolderContents contents = read_folder(folder_);
  const std::string problem = continuation_problem(contents.header, wanted);
  if (!problem.empty()) refuse(folder_, problem + ": choose another folder");
  header_ = std::move(contents.header);
  records_ = std::move(contents.records);
  if (contents.whole_bytes < size_ &&
      ftruncate(samples_, static_cast<off_t>(contents.whole_bytes)) != 0) {
    refuse(folder_ + kSamplesFile, fmt::format("cannot be mended: {}", std::strerror(errno)));
  }
  size_ = contents.whole_bytes;
}

void ExperimentFolder::write_header() {
  replace_file(folder_ + kHeaderFile, to_json(header_));
  const int directory = open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  fsync(directory);  // the names too; where a file system cannot, nothing is lost but time
  close(directory);
}

void ExperimentFolder::begin_session() {
  header_.sessions.push_back({utc_now(), ""});
  write_header();
}

void ExperimentFolder::end_session() {
  header_.sessions.back().ended = utc_now();
  write_header();
}

void ExperimentFolder::append(const SampleRecord& record) {
  const std::string line = to_json_line(record) + "\n";
  int error = write_all(samples_, line);
  if (error == 0 && fdatasync(samples_) != 0 && errno != EINVAL) error = errno;
  if (error != 0) {
    if (ftruncate(samples_, static_cast<off_t>(size_)) != 0) {
      // The torn line is dropped by whoever reads the file.
    }
    refuse(
        folder_ + kSamplesFile,
        fmt::format("{}; the {} samples before are safe: mend that and run the same again, which "
                    "goes on from there",
                    std::strerror(error), records_.size()));
  }
  size_ += line.size();
  records_.push_back(record);
}

void ExperimentFolder::keep_log(const SampleRecord& record, const std::string& err) {
  std::ofstream(fmt::format("{}{}/{:06}-{}-{}.err", folder_, kLogsFolder, record.index,
                            record.workload, record.arm),
                std::ios::binary)
      << err;
}

}  // namespace tamari::lab
