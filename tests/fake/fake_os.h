// fake_os.h - an operating system for tests: platform/os.h over ordinary mappings, with counts, a
// clock that stands still, and calls that fail when told to. Link it with tamari_layers_no_os.
#pragma once

#include <cstddef>
#include <cstdint>

#include "platform/os.h"

namespace tamari::os {

// The calls of one kind. `fails_at` = n: the n-th from now fails, and with `fails_on` all after it.
struct FakeCall {
  size_t calls = 0;
  size_t fails_at = 0;
  bool fails_on = false;

  bool allowed();
  void fail_from(size_t n, bool and_on) {
    fails_at = n;
    fails_on = and_on;
  }
};

struct Fake {
  StartInfo info{4096, false, false, 0, nullptr};
  uint64_t address_space_limit = UINT64_MAX;
  size_t most_reserved = SIZE_MAX;  // by one reserve()
  uint64_t now_ms = 0;
  bool has_barrier = true;
  bool can_move = true;
  FakeCall reserve, commit, remap, purge, move, barrier, huge_pages;
  HugePages last_huge_pages = HugePages::kSystem;

  // Called inside commit(), where its caller holds its locks.
  void (*on_commit)() = nullptr;
  // For a scheduler's own versions.
  void (*on_barrier)() = nullptr;
  bool (*on_futex_wait)(const void* word, uint32_t expected, uint32_t timeout_ms) = nullptr;
  void (*on_nap)(uint32_t ms) = nullptr;
  void (*on_futex_wake)(const void* word, int count) = nullptr;
};

extern Fake g_fake;

// As at the start; everything reserved so far is unmapped.
void reset_fake();

}  // namespace tamari::os
