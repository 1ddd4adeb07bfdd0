// An allocator to be caught: now and then it hands out a block that somebody has. It never reuses
// memory and leaves small blocks alone, the harness's own among them, so that nothing worse
// happens.
#include <atomic>
#include <cstddef>

namespace {

constexpr std::size_t kArena = std::size_t{1} << 30;
constexpr std::size_t kAlignment = 16;
constexpr std::size_t kVictimLow = 129;
constexpr std::size_t kVictimHigh = 512;
constexpr std::size_t kEvery = 500;  // calls

alignas(kAlignment) char g_arena[kArena];
std::atomic<std::size_t> g_used{0};
std::atomic<std::size_t> g_calls{0};
std::atomic<void*> g_victim{nullptr};

void* next_block(std::size_t bytes) {
  const std::size_t room = bytes < kVictimHigh ? kVictimHigh : bytes;
  const std::size_t rounded = (room + kAlignment - 1) / kAlignment * kAlignment;
  const std::size_t start = g_used.fetch_add(rounded);
  return start + rounded > kArena ? nullptr : g_arena + start;
}

}  // namespace

extern "C" void* malloc(std::size_t bytes) {
  if (bytes < kVictimLow || bytes > kVictimHigh) return next_block(bytes);
  void* victim = g_victim.load();
  if (++g_calls % kEvery == 0 && victim != nullptr) return victim;
  return g_victim = next_block(bytes);
}

extern "C" void free(void*) {}
