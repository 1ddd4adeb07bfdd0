// See guarded.h.
#include "heap/guarded.h"

#include <algorithm>
#include <cstring>

#include "heap/allocate.h"
#include "heap/report.h"

namespace tamari {
namespace {

constexpr size_t kMostSlots = 128;
// A guarded block takes up to 0.2 ms, for its stacks and the kernel: no more are guarded than these
// at once, and then one in so many milliseconds, so that it stays within 2 % of the time.
constexpr uint64_t kMostAtOnce = 8;
constexpr uint64_t kMsForOne = 10;
constexpr size_t kMostFrames = 16;
constexpr int kSkippedFrames = 2;  // our own
constexpr unsigned char kPattern = 0xA7;

struct Trace {
  int thread = 0;
  int count = 0;
  void* frames[kMostFrames] = {};
};

enum class SlotState : uint8_t { kUnused, kLive, kFreed };

struct GuardedSlot {
  SlotState state = SlotState::kUnused;
  char* block = nullptr;
  size_t bytes = 0;
  Trace allocated;
  Trace freed;
};

struct Slots {
  Lock lock;
  size_t made = 0;
  size_t next = 0;   // the oldest
  size_t first = 0;  // page of slot 0; the others follow
  uint64_t random = 0;
  uint64_t spent = 0;        // of the blocks that may be guarded at once
  uint64_t spent_at_ms = 0;  // when that was last lowered
  GuardedSlot slot[kMostSlots];
};
constinit Slots g_slots;
__thread bool t_inside __attribute__((tls_model("initial-exec"))) = false;

size_t slot_pages() { return pages_for(3 * os::page_size()); }
size_t slot_bytes() { return slot_pages() << kPageShift; }
size_t room() { return slot_bytes() - 2 * os::page_size(); }
char* start_of(size_t index) { return g_page_map.address_of(g_slots.first + index * slot_pages()); }

void record(Trace& trace) {
  trace.thread = os::thread_id();
  trace.count = os::stack(trace.frames, kMostFrames);
}

void print_trace(const char* title, const Trace& trace) {
  char buffer[2048];
  Text text(buffer, sizeof buffer);
  text.add("  ")
      .add(title)
      .add(" by thread ")
      .number(static_cast<uint64_t>(trace.thread))
      .add("\n");
  for (int i = std::min(kSkippedFrames, trace.count); i < trace.count; ++i) {
    const os::Module module = os::module_of(trace.frames[i]);
    text.add("    ").pointer(trace.frames[i]).add(" ").add(module.name).add("+0x");
    text.number(reinterpret_cast<uintptr_t>(trace.frames[i]) - module.base, 16).add("\n");
  }
  write_report(buffer, text.stored());
}

[[noreturn]] void fail(const char* code, const char* what, const void* at, const char* advice,
                       const GuardedSlot& slot) {
  char sentence[160];
  Text text(sentence, sizeof sentence);
  text.add(what);
  const bool was_used = slot.state != SlotState::kUnused;
  if (was_used)
    text.add(" (block of ").number(slot.bytes).add(" bytes at ").pointer(slot.block).add(")");
  text.add(":");
  write_line(code, sentence, at, advice);
  if (was_used) print_trace("allocated", slot.allocated);
  if (slot.state == SlotState::kFreed) print_trace("freed", slot.freed);
  os::abort_now();
}

[[noreturn]] void fail_not_live(const char* code, const char* function, const void* pointer,
                                const GuardedSlot& slot) {
  char what[96];
  Text text(what, sizeof what);
  const bool is_freed = slot.state == SlotState::kFreed;
  text.add(function).add(is_freed ? " of a freed block"
                                  : " of an address that is no block's start");
  fail(code, what, pointer, "free each block once, through the pointer that malloc returned", slot);
}

// The slot that an address lies in, or null.
GuardedSlot* slot_of(const void* address) {
  const Slots& slots = g_slots;
  const size_t page = g_page_map.page_of(address);
  if (slots.made == 0 || page < slots.first) return nullptr;
  const size_t index = (page - slots.first) / slot_pages();
  return index < slots.made ? &g_slots.slot[index] : nullptr;
}

void on_fault(const void* address) {
  const GuardedSlot* slot = slot_of(address);
  if (slot == nullptr || slot->state == SlotState::kUnused) return;
  if (slot->state == SlotState::kFreed) {
    fail("use-after-free", "access to a freed block", address,
         "look for a pointer that outlived its free", *slot);
  }
  const bool below = address < slot->block;
  fail(below ? "underflow" : "overflow", below ? "access before a block" : "access behind a block",
       address, "look for an index out of range", *slot);
}

// All slots are one run, so that a fault finds its slot by arithmetic.
bool make_slots() {
  Slots& slots = g_slots;
  const PageHeap::Run run = g_heap.shared.pages.allocate(kMostSlots * slot_pages(), 1);
  if (!run.found) return false;
  g_page_map.set_classes(run.first, kMostSlots * slot_pages(), kGuardedSlot);
  slots.first = run.first;
  slots.made = kMostSlots;
  return os::protect(start_of(0), kMostSlots * slot_bytes());
}

bool take_allowance() {
  Slots& slots = g_slots;
  const uint64_t regained = (os::now_ms() - slots.spent_at_ms) / kMsForOne;
  slots.spent -= std::min(slots.spent, regained);
  slots.spent_at_ms += regained * kMsForOne;
  if (slots.spent == kMostAtOnce) return false;
  ++slots.spent;
  return true;
}

GuardedSlot* oldest_free_slot() {
  Slots& slots = g_slots;
  for (size_t tried = 0; tried < slots.made; ++tried) {
    GuardedSlot& slot = slots.slot[slots.next];
    slots.next = (slots.next + 1) % slots.made;
    if (slot.state != SlotState::kLive) return &slot;
  }
  return nullptr;
}

void* place(GuardedSlot& slot, size_t bytes, size_t alignment) {
  Slots& slots = g_slots;
  char* start = start_of(static_cast<size_t>(&slot - slots.slot)) + os::page_size();
  if (!os::unprotect(start, room())) return nullptr;
  slots.random = slots.random * 6364136223846793005U + 1442695040888963407U;
  const bool at_end = (slots.random >> 63) != 0;
  slot.block = at_end ? start + room() - round_up(bytes, alignment) : start;
  std::memset(slot.block + bytes, kPattern,
              static_cast<size_t>(start + room() - slot.block) - bytes);
  slot.bytes = bytes;
  slot.state = SlotState::kLive;
  record(slot.allocated);
  return slot.block;
}

void check_slack(const GuardedSlot& slot) {
  const char* end = start_of(static_cast<size_t>(&slot - g_slots.slot)) + os::page_size() + room();
  for (const char* at = slot.block + slot.bytes; at < end; ++at) {
    if (static_cast<unsigned char>(*at) == kPattern) continue;
    fail("overflow", "bytes behind a block were overwritten", at,
         "look for a write past the size that was asked for", slot);
  }
}

bool is_due(size_t bytes) {
  const uint64_t interval = g_heap.sample_interval();
  Owner* owner = interval == 0 || t_inside ? nullptr : current_owner();
  if (owner == nullptr) return false;
  const size_t passed = 1 + owner->cache.capacity(class_of_size(std::min(bytes, kMaxClassBytes)));
  owner->until_sample -= static_cast<int64_t>(passed);
  if (owner->until_sample > 0) return false;
  owner->until_sample = static_cast<int64_t>(interval);
  return true;
}

}  // namespace

void start_guarding() {
  if (g_heap.sample_interval() == 0) return;
  t_inside = true;
  void* frame = nullptr;
  os::stack(&frame, 1);  // whatever that loads, it loads now
  g_slots.random = os::start_info().random;
  LockGuard guard(g_slots.lock);
  if (make_slots()) os::watch_faults(on_fault);
  t_inside = false;
}

void* allocate_guarded(size_t bytes, size_t alignment) {
  if (TAMARI_LIKELY(g_heap.sample_interval() == 0)) return nullptr;
  bytes = std::max<size_t>(bytes, 1);  // guarded_size() is 0 for what is no guarded block
  if (g_slots.made == 0 || !is_due(bytes) || bytes > room() - alignment) return nullptr;
  t_inside = true;
  void* block = nullptr;
  {
    LockGuard guard(g_slots.lock);
    GuardedSlot* slot = take_allowance() ? oldest_free_slot() : nullptr;
    if (slot != nullptr) block = place(*slot, bytes, alignment);
  }
  t_inside = false;
  if (block != nullptr) count(Counter::guarded_allocs);
  return block;
}

bool deallocate_guarded(void* pointer) {
  GuardedSlot* slot = slot_of(pointer);
  if (slot == nullptr) return false;
  LockGuard guard(g_slots.lock);
  const bool is_freed = slot->state == SlotState::kFreed;
  if (is_freed || slot->block != pointer)
    fail_not_live(is_freed ? "double-free" : "invalid-free", "free", pointer, *slot);
  check_slack(*slot);
  char* start = start_of(static_cast<size_t>(slot - g_slots.slot));
  t_inside = true;
  record(slot->freed);
  t_inside = false;
  slot->state = SlotState::kFreed;
  os::protect(start + os::page_size(), room());
  return true;
}

size_t guarded_size(const void* pointer, const char* code, const char* function) {
  const GuardedSlot* slot = slot_of(pointer);
  if (slot == nullptr) return 0;
  if (slot->state == SlotState::kLive && slot->block == pointer) return slot->bytes;
  fail_not_live(code, function, pointer, *slot);
}

bool is_inside_guarded() { return g_slots.lock.is_mine(); }

void reset_guarded_after_fork(Whose whose) {
  if (g_slots.lock.reset_after_fork(whose) && whose == Whose::kMine) t_inside = false;
}

}  // namespace tamari
