#include "heap/report.h"

#include "heap/heap.h"
#include "platform/text.h"

namespace tamari {
namespace {

constexpr int kStandardError = 2;

}  // namespace

void write_line(const char* code, const char* what, const void* pointer, const char* advice) {
  char buffer[512];
  Text line(buffer, sizeof buffer);
  line.add("tamari: ").add(code).add(": ").add(what);
  if (pointer != nullptr) {
    line.add(" ").pointer(pointer).add(", thread ");
    line.number(static_cast<uint64_t>(os::thread_id()));
  }
  line.add("; ").add(advice).add("\n");
  write_report(buffer, line.stored());
}

void write_report(const char* text, size_t length) { os::write_all(kStandardError, text, length); }

void warn(const char* code, const char* what, const char* advice) {
  write_line(code, what, nullptr, advice);
}

void fail_pointer(const char* code, const char* what, const void* pointer, const char* advice) {
  write_line(code, what, pointer, advice);
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
    text.add(" of an address inside a block, not its start:");
    fail_pointer(code, what, pointer, "pass the pointer that malloc returned");
  }
  const auto policy = g_heap.tunables.get_as<ForeignPolicy>(Tunable::foreign);
  count(Counter::foreign_frees);
  if (policy == ForeignPolicy::kIgnore) return;
  text.add(" of a pointer that this allocator did not return:");
  const char* advice = "free it with the allocator it came from, or set foreign=report to carry on";
  if (policy == ForeignPolicy::kAbort) fail_pointer(code, what, pointer, advice);
  write_line(code, what, pointer, advice);
}

namespace {

// Appends " (size class N):" for a block of a size class, else ":".
void add_size(Text& text, const void* pointer) {
  const size_t size_class = g_page_map.class_at(g_page_map.page_of(pointer));
  if (size_class > kNoClass && size_class < kClassCount)
    text.add(" (size class ").number(kSizeClasses[size_class].size).add(")");
  text.add(":");
}

}  // namespace

void report_double_free(void* pointer) {
  char what[128];
  Text text(what, sizeof what);
  text.add("free of a block that is free already");
  add_size(text, pointer);
  fail_pointer("double-free", what, pointer, "look for a second free of the same pointer");
}

void report_freed(const char* code, const char* function, const void* pointer) {
  char what[128];
  Text text(what, sizeof what);
  text.add(function).add(" of a block that is free already");
  add_size(text, pointer);
  fail_pointer(code, what, pointer, "look for an earlier free of the same pointer");
}

void report_size_mismatch(const void* block, size_t bytes_said) {
  count(Counter::size_mismatches);
  static std::atomic<bool> said{false};
  if (said.exchange(true, std::memory_order_relaxed)) return;
  char what[128];
  Text text(what, sizeof what);
  text.add("a sized free gave ").number(bytes_said).add(" bytes, more than the block has");
  add_size(text, block);
  write_line("size-mismatch", what, block,
             "delete objects through their own type, arrays with delete[]; said once only");
}

}  // namespace tamari
