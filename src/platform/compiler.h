// compiler.h - the only home of compiler-specific spelling.
// Everything that is not standard C++20 is named here once, so that the rest of the tree reads plainly.
#pragma once

#define TAMARI_LIKELY(x) __builtin_expect(!!(x), 1)
#define TAMARI_UNLIKELY(x) __builtin_expect(!!(x), 0)

// Cold continuations: never inlined, placed away from the hot text.
#define TAMARI_SLOW __attribute__((noinline, cold))
#define TAMARI_INLINE inline __attribute__((always_inline))

// The C and C++ surface. Everything else is hidden.
#define TAMARI_EXPORT __attribute__((visibility("default")))
#define TAMARI_WEAK __attribute__((weak))

#define TAMARI_CACHE_LINE 64

#if defined(__x86_64__)
#define TAMARI_PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define TAMARI_PAUSE() __asm__ volatile("yield")
#else
#error "tamari supports x86-64 and aarch64"
#endif
