// See shard.h.
#include "lab/experiment/shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lab/command_error.h"

namespace tamari::lab {
namespace {

template <typename... Parts>
[[noreturn]] void refuse(fmt::format_string<Parts...> text, Parts&&... parts) {
  throw CommandError(kHarness, fmt::format(text, std::forward<Parts>(parts)...));
}

}  // namespace

Shard parse_shard(const std::string& text) {
  Shard shard;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, shard.k);
  const bool slash = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
  if (!slash) refuse("--shard {}: give K/N, such as 1/4", text);
  const auto second = std::from_chars(first.ptr + 1, end, shard.n);
  if (second.ec != std::errc() || second.ptr != end) {
    refuse("--shard {}: give K/N, such as 1/4", text);
  }
  return shard;
}

std::string shard_words(const Shard& shard) { return fmt::format("{}/{}", shard.k, shard.n); }

std::size_t sharded_blocks(const Stage& stage) { return stage.winners_only ? 0 : stage.runs; }

void check_shard(const Plan& plan, const Shard& shard) {
  if (shard.k == 0 || shard.k > shard.n) {
    refuse("shard {}: give K/N with K from 1 to N", shard_words(shard));
  }
  if (shard.whole()) return;
  std::size_t blocks = 0;
  for (const Stage& stage : plan.stages) {
    if (stage.automatic) {
      refuse(
          "the stage '{}' stops by what all its blocks say, so no shard can run it: give it a "
          "number of runs",
          stage.name);
    }
    blocks = std::max(blocks, sharded_blocks(stage));
  }
  if (shard.n > blocks) {
    refuse("{} shards of {} blocks would leave some with nothing to do: make it {} or fewer",
           shard.n, blocks, blocks);
  }
}

}  // namespace tamari::lab
