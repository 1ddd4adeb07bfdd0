// scheduled_std.h - puts the shipped sources on the scheduler as they are: included ahead of each
// of them, it gives namespace tamari a `std` of its own, whose atomic is the scheduled one and
// whose every other name is ::std's. A program built so must hold no object file built otherwise.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "platform/compiler.h"
#include "scheduled_atomic.h"

namespace tamari::std {
using namespace ::std;  // NOLINT: that is the purpose
template <class T>
using atomic = model::ScheduledAtomic<T>;
inline void atomic_thread_fence(::std::memory_order order) { model::fence(order); }
}  // namespace tamari::std

#undef TAMARI_PAUSE
#define TAMARI_PAUSE() model::yield()
