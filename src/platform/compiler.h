// compiler.h - the only home of compiler-specific spelling.
// Everything that is not standard C++20 is named here once, so that the rest of the tree reads
// plainly.
#pragma once

#define TAMARI_LIKELY(x) __builtin_expect(!!(x), 1)
#define TAMARI_UNLIKELY(x) __builtin_expect(!!(x), 0)

// Cold continuations: never inlined, placed away from the hot text.
#define TAMARI_SLOW __attribute__((noinline, cold))
// For one that is busy in some programs: what gcc takes for cold it copies and clears with `rep`
// instructions, where libc's functions are several times as fast.
#define TAMARI_NOINLINE __attribute__((noinline))
#define TAMARI_INLINE inline __attribute__((always_inline))

// The C and C++ surface. Everything else is hidden.
#define TAMARI_EXPORT __attribute__((visibility("default")))
#define TAMARI_WEAK __attribute__((weak))
#if defined(__clang__)
#define TAMARI_ALIAS(name) __attribute__((alias(#name), visibility("default")))
#else
#define TAMARI_ALIAS(name) __attribute__((alias(#name), copy(name), visibility("default")))
#endif

// Reads plain words that another thread may be writing: for a report, and never trusted. Between
// such accesses, TAMARI_FENCE: ThreadSanitizer knows no fences, and is not told of the reads.
#if defined(__SANITIZE_THREAD__)
#define TAMARI_RACY_READ __attribute__((noinline, no_sanitize("thread")))
#define TAMARI_FENCE(order) std::atomic_signal_fence(order)
#else
#define TAMARI_RACY_READ
#define TAMARI_FENCE(order) std::atomic_thread_fence(order)
#endif

#define TAMARI_CACHE_LINE 64
// What different processors write often lies so far apart. A processor that fetches a line into its
// second-level cache fetches the other of the pair as well ("spatial prefetcher", Intel 64 and
// IA-32 Architectures Optimization Reference Manual).
#define TAMARI_APART (2 * TAMARI_CACHE_LINE)

// Hidden also where it is only declared, so that a read is one instruction and not two.
#define TAMARI_HIDDEN __attribute__((visibility("hidden")))

// A word that one thread writes and others read now and then. On the hit path a plain access,
// because gcc never folds an atomic one into an addressing mode (6 instructions per malloc/free
// pair); aligned words do not tear on the machines we support, and a repeated read of one's own
// word is harmless. ThreadSanitizer gets the atomic access that is meant.
#if defined(__SANITIZE_THREAD__)
#define TAMARI_OWN_LOAD(word) __atomic_load_n(&(word), __ATOMIC_RELAXED)
#define TAMARI_OWN_STORE(word, value) __atomic_store_n(&(word), value, __ATOMIC_RELAXED)
#define TAMARI_TOP_DOWN(top) __atomic_store_n(&(top), (top)-1, __ATOMIC_RELAXED)
#define TAMARI_TOP_UP(top) __atomic_store_n(&(top), (top) + 1, __ATOMIC_RELAXED)
#define TAMARI_RETURNED(word)
#elif defined(__x86_64__)
#define TAMARI_OWN_LOAD(word) (word)
#define TAMARI_OWN_STORE(word, value) ((word) = (value))
// The result to be sits in rax from here on, which spares a move.
#define TAMARI_RETURNED(word) __asm__("" : "+a"(word))
// Moves a pointer to pointers by one, in one instruction: whole also with regard to a signal
// handler or a fork between two of them.
#define TAMARI_TOP_DOWN(top) __asm__("addq $-8, %0" : "+m"(top) : : "cc")
#define TAMARI_TOP_UP(top) __asm__("addq $8, %0" : "+m"(top) : : "cc")
#else
#define TAMARI_OWN_LOAD(word) (word)
#define TAMARI_OWN_STORE(word, value) ((word) = (value))
#define TAMARI_TOP_DOWN(top) (--(top))
#define TAMARI_TOP_UP(top) (++(top))
#define TAMARI_RETURNED(word)
#endif

// A note in the ELF file, of owner "tamari" and type 1, for who looks from outside: eight bytes
// that hold the distance from themselves to a symbol.
#define TAMARI_NOTE(symbol)                            \
  __asm__(                                             \
      ".pushsection .note.tamari,\"a\",%note\n"        \
      ".balign 4\n.4byte 7, 8, 1\n.asciz \"tamari\"\n" \
      ".balign 4\n.8byte " #symbol                     \
      " - .\n"                                         \
      ".popsection")

// Asks for the cache line of any address, for a write or a read.
#define TAMARI_PREFETCH(address, for_write) __builtin_prefetch(address, for_write)

#if defined(__x86_64__)
#define TAMARI_PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define TAMARI_PAUSE() __asm__ volatile("yield")
#else
#error "tamari supports x86-64 and aarch64"
#endif
