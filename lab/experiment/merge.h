// Joins the shards of one experiment, taken on any number of machines, into one folder that is
// judged, reported and continued like any other. Every record stays with its machine.
#pragma once

#include <string>
#include <vector>

namespace tamari::lab {

// `out` must hold no samples. MeaninglessError: shards of different plans or binaries.
// CommandError: a folder that is no shard, a shard that is missing, there twice or not finished.
void merge_shards(const std::vector<std::string>& folders, const std::string& out);

}  // namespace tamari::lab
