// Where tamari's own parts lie: the library, the benchmark program, this executable.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tamari::lab {

inline constexpr char kLibraryName[] = "libtamari.so.1";
inline constexpr char kLibraryStem[] = "libtamari.so";  // how all its file names begin
inline constexpr char kBenchName[] = "bench_random_mixed_mt_remote";
inline constexpr char kSuiteName[] = "bench_suite";
inline constexpr char kGrowthName[] = "bench_growth";

std::string self_path();

// Library folders of this machine, most specific first (multiarch, lib64, lib).
std::vector<std::string> system_library_folders();

// `given` (from --lib or --bench) is taken as it is and must exist: a CommandError otherwise.
// Without it, the places beside the executable are searched, in a build tree and when installed.
std::optional<std::string> find_library(const std::string& given);

// A benchmark program or script by its name, such as kBenchName.
std::optional<std::string> find_bench(const std::string& name, const std::string& given);
std::string require_bench(const std::string& name, const std::string& given);

// As find_library, but nothing found is a CommandError.
std::string require_library(const std::string& given);

}  // namespace tamari::lab
