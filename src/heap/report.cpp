#include "heap/report.h"

#include "heap/allocate.h"
#include "heap/checked.h"
#include "platform/text.h"

namespace tamari {
namespace {

constexpr int kStandardError = 2;

struct Block {
  const char* start = nullptr;
  size_t size_class = kNoClass;  // or kLargeFirst
};

Block large_around(size_t page) {
  while (page > 0 && g_page_map.class_at(page) == kLargeInside) --page;
  if (g_page_map.class_at(page) != kLargeFirst) return {};
  return {g_page_map.address_of(page), kLargeFirst};
}

// The block that an address lies in, if any. Blocks come and go: it is what was there at a moment.
Block block_around(const void* pointer) {
  const PageMap& map = g_page_map;
  const size_t page = map.page_of(pointer);
  const size_t size_class = map.covers(page) ? map.class_at(page) : kNoClass;
  if (size_class == kNoClass || size_class == kGuardedSlot) return {};
  if (size_class >= kClassCount) return large_around(page);
  const SizeClass& c = kSizeClasses[size_class];
  const size_t first = page & ~(size_t{c.span_pages} - 1);
  const size_t index = (map.offset_of(pointer) - (first << kPageShift)) / c.size;
  if (index >= c.block_count) return {};
  return {map.address_of(first) + index * c.size, size_class};
}

void add_bytes(Text& text, size_t bytes) {
  text.number(bytes).add(bytes == 1 ? " byte" : " bytes");
}

// What was asked for, if that is known; else the room that it was given.
void add_size(Text& text, Block block, size_t asked) {
  const bool is_large = block.size_class == kLargeFirst;
  const size_t size = is_large ? large_size(block.start) : kSizeClasses[block.size_class].size;
  const bool has_record = asked == kUnknownSize && g_heap.checks() &&
                          g_heap.arena.has_block_records(g_page_map.page_of(block.start));
  const size_t slack = has_record ? checked_slack(block.start) : kNoSize;
  if (slack <= size) asked = size - slack;
  if (asked != kUnknownSize) {
    text.add("a block of ");
    add_bytes(text, asked);
  } else if (is_large) {
    text.add("a large block of ");
    add_bytes(text, size);
  } else {
    text.add("a block of size class ").number(size);
  }
}

void add_block(Text& text, const void* pointer, size_t asked) {
  const Block block = block_around(pointer);
  if (block.start == nullptr) return;
  const auto inside = static_cast<size_t>(static_cast<const char*>(pointer) - block.start);
  text.add(", ");
  if (inside != 0) {
    add_bytes(text, inside);
    text.add(" into ");
  }
  add_size(text, block, asked);
  if (inside != 0) text.add(" at ").pointer(block.start);
}

}  // namespace

void write_line(const char* code, const char* what, const void* pointer, const char* advice,
                size_t asked) {
  char buffer[512];
  Text line(buffer, sizeof buffer);
  line.add("tamari: ").add(code).add(": ").add(what);
  if (pointer != nullptr) {
    line.add(" ").pointer(pointer);
    add_block(line, pointer, asked);
    line.add(", thread ").number(static_cast<uint64_t>(os::thread_id()));
  }
  line.add("; ").add(advice).add("\n");
  write_report(buffer, line.stored());
}

void write_report(const char* text, size_t length) { os::write_all(kStandardError, text, length); }

void warn(const char* code, const char* what, const char* advice) {
  write_line(code, what, nullptr, advice);
}

void fail_pointer(const char* code, const char* what, const void* pointer, const char* advice,
                  size_t asked) {
  write_line(code, what, pointer, advice, asked);
  os::abort_now();
}

void report_bad_pointer(const char* code, const char* function, const void* pointer) {
  char what[128];
  Text text(what, sizeof what);
  text.add(function);
  const PageMap& map = g_page_map;
  const size_t page = map.page_of(pointer);
  if (map.covers(page)) {
    // In our range, so never a foreign block: damage is certain.
    if (map.class_at(page) == kNoClass) {
      text.add(" of memory that is not allocated (freed before?):");
      fail_pointer(code, what, pointer,
                   "free each block once, through the pointer that malloc returned");
    }
    const bool inside = block_around(pointer).start != nullptr;
    text.add(inside ? " of an address inside a block, not its start:"
                    : " of an address that no block lies at:");
    fail_pointer(code, what, pointer, "pass the pointer that malloc returned");
  }
  const auto policy = g_heap.tunables.get_as<MisusePolicy>(Tunable::foreign);
  count(Counter::foreign_frees);
  if (policy == MisusePolicy::kIgnore) return;
  text.add(" of a pointer that this allocator did not return:");
  const char* advice = "free it with the allocator it came from, or set foreign=report to carry on";
  if (policy == MisusePolicy::kAbort) fail_pointer(code, what, pointer, advice);
  write_line(code, what, pointer, advice);
}

void report_double_free(void* pointer) {
  fail_pointer("double-free", "free of a block that is free already:", pointer,
               "look for a second free of the same pointer");
}

void report_freed(const char* code, const char* function, const void* pointer) {
  char what[128];
  Text text(what, sizeof what);
  text.add(function).add(" of a block that is free already:");
  fail_pointer(code, what, pointer, "look for an earlier free of the same pointer");
}

void fail_alignment(const void* block, size_t alignment_said) {
  char what[128];
  Text text(what, sizeof what);
  text.add("a free gave an alignment of ").number(alignment_said).add(", which the block has not:");
  fail_pointer("alignment-mismatch", what, block, "give the alignment that was asked for");
}

void report_family_mismatch(Family of_block, Family freed_by, const void* block, size_t asked) {
  struct Names {
    const char* origin;
    const char* freed_by;
    const char* right;
  };
  static constexpr Names kNames[] = {{"the malloc family", "the malloc family", "free"},
                                     {"operator new", "operator delete", "operator delete"},
                                     {"operator new[]", "operator delete[]", "operator delete[]"}};
  const auto policy = g_heap.tunables.get_as<MisusePolicy>(Tunable::family_mismatch);
  count(Counter::family_mismatches);
  if (policy == MisusePolicy::kIgnore) return;
  const Names& names = kNames[static_cast<size_t>(of_block)];
  char what[128];
  Text what_text(what, sizeof what);
  what_text.add("a block of ").add(names.origin).add(" was freed by ");
  what_text.add(kNames[static_cast<size_t>(freed_by)].freed_by).add(":");
  char advice[128];
  Text advice_text(advice, sizeof advice);
  advice_text.add("free it with ").add(names.right);
  advice_text.add(", or set family_mismatch=report to carry on");
  if (policy == MisusePolicy::kAbort) fail_pointer("family-mismatch", what, block, advice, asked);
  write_line("family-mismatch", what, block, advice, asked);
}

void report_size_mismatch(const void* block, size_t bytes_said, size_t asked) {
  count(Counter::size_mismatches);
  static std::atomic<bool> said{false};
  if (said.exchange(true, std::memory_order_relaxed)) return;
  char what[128];
  Text text(what, sizeof what);
  text.add("a sized free gave ").number(bytes_said).add(" bytes, more than the block has:");
  write_line("size-mismatch", what, block,
             "delete objects through their own type, arrays with delete[]; said once only", asked);
}

}  // namespace tamari
