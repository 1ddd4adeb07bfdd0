// size_classes.h - the size classes, generated at compile time, with their proofs.
//
// 16-byte steps to 128 bytes, then eight classes per doubling to 256 KiB; and from 512 bytes to
// 16 KiB one more, a little above each power of two: for the many requests that are a power of two
// and a header. Class 0 is "no class".
// A block of a class that is a multiple of A lies at a multiple of A, because spans are aligned to
// their own power-of-two size; so an aligned request is served by a class whose size A divides.
//
// Block check (allocate.h): with M = multiplier(d) slightly above 2^64/d, the product of M and an
// offset n, modulo 2^64, is small exactly when d divides n, and then it grows with the quotient;
// one comparison with `bound` tests "n is a multiple of d" and "n/d < block count" together (after
// Lemire, Kaser, Kurz: "Faster remainder by direct computation", 2019).
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "config/geometry.h"
#include "platform/compiler.h"

namespace tamari {

struct SizeClass {
  uint32_t size = 0;         // bytes of one block
  uint32_t span_pages = 0;   // a power of two
  uint32_t block_count = 0;  // blocks in one span
  uint64_t multiplier = 0;   // for the block check; its high product is the block's index
  uint64_t bound = 0;
};

namespace detail {

constexpr size_t kSmallStepLimit = 128;  // 16-byte steps up to here
constexpr size_t kClassesPerDoubling = 8;
constexpr size_t kLeastWithHeader = 512;
constexpr size_t kMostWithHeader = 16 * 1024;
constexpr size_t kHeaderPart = 32;  // of the power of two

constexpr size_t next_class_size(size_t size) {
  if (size < kSmallStepLimit) return size + kMinAlignment;
  const size_t power = std::bit_floor(size);
  if (size == power && size >= kLeastWithHeader && size <= kMostWithHeader)
    return size + size / kHeaderPart;
  const size_t step = power / kClassesPerDoubling;
  return (size / step + 1) * step;
}

constexpr size_t count_classes() {
  size_t count = 1;
  for (size_t size = 0; size < kMaxClassBytes; size = next_class_size(size)) ++count;
  return count;
}

}  // namespace detail

constexpr size_t kClassCount = detail::count_classes();

// Values of the page map that are no size class.
constexpr uint8_t kNoClass = 0;        // free, or not ours
constexpr uint8_t kGuardedSlot = 125;  // a page of the sampled blocks' slots
constexpr uint8_t kLargeInside = 126;  // a page of a large block after its first
constexpr uint8_t kLargeFirst = 127;
constexpr size_t kClassValues = 128;  // the page map knows no others
static_assert(kClassCount <= kGuardedSlot);

namespace detail {

// At least kLeastBlocks a span, no more pages than that needs: what one class leaves free in its
// spans no other class can use. The tail of a span is address space only: it is never touched.
constexpr size_t kLeastBlocks = 2;
constexpr size_t span_pages(size_t size) { return std::bit_ceil(pages_for(size * kLeastBlocks)); }

constexpr uint64_t multiplier(uint64_t size) {
  return UINT64_MAX / size + 1 + (is_power_of_two(size) ? 1 : 0);
}

constexpr std::array<SizeClass, kClassCount> make_classes() {
  std::array<SizeClass, kClassCount> classes{};
  size_t size = 0;
  for (size_t i = 1; i < kClassCount; ++i) {
    size = next_class_size(size);
    const size_t pages = span_pages(size);
    const size_t count = pages * kPageBytes / size;
    const uint64_t m = multiplier(size);
    const uint64_t excess = m * size;  // modulo 2^64: what each quotient adds to the product
    classes[i] = {static_cast<uint32_t>(size), static_cast<uint32_t>(pages),
                  static_cast<uint32_t>(count), m, excess * count};
  }
  return classes;
}

}  // namespace detail

inline constexpr std::array<SizeClass, kClassCount> kSizeClasses = detail::make_classes();

constexpr size_t kSizeTableEntries = kMaxClassBytes / kMinAlignment + 1;

constexpr std::array<uint8_t, kSizeTableEntries> make_size_table() {
  std::array<uint8_t, kSizeTableEntries> table{};
  size_t c = 1;
  for (size_t i = 0; i < kSizeTableEntries; ++i) {
    while (kSizeClasses[c].size < i * kMinAlignment) ++c;
    table[i] = static_cast<uint8_t>(c);
  }
  return table;
}

// Indexed by (bytes + 15) / 16; only the lines of the sizes a program uses are ever in its cache.
TAMARI_HIDDEN extern const std::array<uint8_t, kSizeTableEntries> kClassOfSize;

// The class for `bytes` <= kMaxClassBytes.
inline size_t class_of_size(size_t bytes) {
  return kClassOfSize[(bytes + kMinAlignment - 1) / kMinAlignment];
}

// The class for `bytes` at a power-of-two `alignment`, or kNoClass when only a large block will do.
// Powers of two are classes, so at most one doubling is searched.
inline size_t class_of_aligned(size_t bytes, size_t alignment) {
  if (alignment > kMaxClassBytes || bytes > kMaxClassBytes) return kNoClass;
  size_t c = class_of_size(round_up(bytes < alignment ? alignment : bytes, alignment));
  while (kSizeClasses[c].size % alignment != 0) ++c;
  return c;
}

namespace detail {

constexpr uint64_t high_product(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(a) * b) >> 64);
}

constexpr bool classes_are_sound() {
  for (size_t i = 1; i < kClassCount; ++i) {
    const SizeClass& c = kSizeClasses[i];
    if (c.size % kMinAlignment != 0 || c.size <= kSizeClasses[i - 1].size) return false;
    const uint64_t size = c.size, m = c.multiplier, excess = m * size, last = c.block_count - 1;
    // Quotients stay exact, and the largest accepted product is below the smallest rejected one.
    if (excess == 0 || excess > 2 * size) return false;
    if (last * excess >= c.bound || c.bound > m) return false;
    if (c.block_count * excess < c.bound) return false;
    if (high_product(last * size + size - 1, m) != last) return false;
    if (c.block_count * uint64_t{c.size} > uint64_t{c.span_pages} * kPageBytes) return false;
  }
  return kSizeClasses[kClassCount - 1].size == kMaxClassBytes;
}
static_assert(classes_are_sound());

}  // namespace detail
}  // namespace tamari
