// geometry.h - the sizes everything else is built from.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tamari {

// A page is tamari's own unit, not the kernel's ("OS page", 4-64 KiB, known at run time). 64 KiB is
// a multiple of every OS page, and keeps one byte of page map per 64 KiB: 16 GiB of heap need 256
// KiB.
constexpr unsigned kPageShift = 16;
constexpr size_t kPageBytes = size_t{1} << kPageShift;

constexpr size_t kLeastOsPage = 4096;

constexpr unsigned kLineShift = 6;  // of a cache line, as far as false sharing goes
constexpr size_t kLineBytes = size_t{1} << kLineShift;
constexpr size_t kLinesPerPage = kPageBytes / kLineBytes;

constexpr unsigned kWindowShift = 40;  // the address range of blocks: 1 TiB at most
constexpr size_t kMaxWindowBytes = size_t{1} << kWindowShift;
constexpr size_t kMaxPages = kMaxWindowBytes >> kPageShift;
constexpr size_t kMinWindowBytes = size_t{1} << 26;

constexpr size_t kMinAlignment = 16;  // of every block
constexpr size_t kMaxClassBytes = 256 * 1024;
constexpr size_t kSmallBlockBytes = 4096;  // size classes above are called medium
constexpr size_t kMaxRequest = PTRDIFF_MAX;

constexpr size_t round_up(size_t value, size_t unit) { return (value + unit - 1) & ~(unit - 1); }
constexpr size_t pages_for(size_t bytes) { return (bytes + kPageBytes - 1) >> kPageShift; }
constexpr bool is_power_of_two(size_t value) { return value != 0 && (value & (value - 1)) == 0; }

}  // namespace tamari
