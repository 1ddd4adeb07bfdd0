#include "heap/report.h"

#include "heap/heap.h"
#include "platform/text.h"

namespace tamari {
namespace {

constexpr int kStandardError = 2;

void write_line(const char* code, const char* what, const void* pointer, const char* advice) {
  char buffer[512];
  Text line(buffer, sizeof buffer);
  line.add("tamari: ").add(code).add(": ").add(what);
  if (pointer != nullptr) line.add(" ").pointer(pointer);
  line.add("; ").add(advice).add("\n");
  os::write_all(kStandardError, buffer, line.stored());
}

}  // namespace

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

void report_double_free(void* pointer) {
  fail_pointer("double-free", "free of a block that is free already:", pointer,
               "look for a second free of the same pointer");
}

}  // namespace tamari
