// os.h - the contract with the kernel, on one page.
// Called by `pages` and `heap`. No function here touches errno, allocates, or takes a lock; all are
// safe from any thread and from a signal handler. Unit tests link a fake of this file (tests/fake).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tamari::os {

// What the kernel told the process at start (from the auxiliary vector; no system call).
struct StartInfo {
  size_t page_size;  // bytes, 4 KiB to 64 KiB
  bool secure;       // AT_SECURE: set-uid and the like; settings from outside are not read
  bool privileged;   // started by root or set-uid: it may come to give up what it may do
  uint64_t random;   // 64 bits mixed from the 128 of AT_RANDOM, leading back to neither half
  const char* const* environ;  // the environment at exec, or null
};
const StartInfo& start_info();
inline size_t page_size() { return start_info().page_size; }

// Value of an environment variable at exec, or null. Usable before libc is initialised.
const char* environment(const char* name);

// Finds room and keeps it: nobody can touch it. Null when the kernel refuses.
void* reserve(size_t bytes);
// What is mapped there is gone, and the room is free. False when refused.
bool unreserve(void* address, size_t bytes);

// Maps zero pages at an address, where nothing may be mapped so far. kTaken: something is. To a
// process that has all the mappings it may have the kernel gives none, but what lies just below
// may still grow, if it is the caller's.
enum class Commit { kDone, kRefused, kTaken };
enum class Below { kOurs, kNotOurs };
[[nodiscard]] Commit commit(void* address, size_t bytes, Below below);

// Nobody may touch what is mapped there, until it is made usable again. False when refused.
bool protect(void* address, size_t bytes);
bool unprotect(void* address, size_t bytes);

// What is written only at start fills blocks of this size, and then becomes read-only. False when
// refused, or where OS pages are larger: then it stays writable.
constexpr size_t kSealBytes = 4096;
bool make_read_only(void* address, size_t bytes);

// Replaces a committed range by fresh zero pages mapped as one with its neighbours.
bool remap_fresh(void* address, size_t bytes);

// Gives the memory back; the range stays committed and reads as zero. False when the kernel
// refused: the pages keep their contents.
bool purge(void* address, size_t bytes);

// Which OS pages of a mapped range that starts at one are in memory: the lowest bit of a byte for
// each. False when the kernel does not say.
bool look_resident(const void* address, size_t bytes, unsigned char* pages);

// Moves pages from one committed range to another without copying; the source reads as zero
// afterwards. False when the kernel cannot.
bool move_pages(void* from, void* to, size_t bytes);

enum class HugePages { kNever, kSystem, kAlways };
void advise_huge_pages(void* address, size_t bytes, HugePages policy);

// The address-space limit (RLIMIT_AS) in bytes; UINT64_MAX when there is none.
uint64_t address_space_limit();

uint64_t now_ms();  // monotonic, milliseconds
int thread_id();
int process_id();

// Blocks until *word != expected, a wake-up, or the timeout (milliseconds); may end early. False
// when the kernel refuses to wait, as a sandbox makes it.
[[nodiscard]] bool futex_wait(const void* word, uint32_t expected, uint32_t timeout_ms);
// Sleeps where futex_wait() is refused; may end early.
void nap(uint32_t ms);
void futex_wake(const void* word, int count);

// Full memory barrier on every running thread of the process. False when the kernel has none.
bool barrier_all_threads();

// Makes a thread that libc does not know of, with all signals blocked: one at a time, as each has
// the same stack. `id` is its id while it lives; the kernel sets it to 0 when the thread is gone,
// however it went. Nothing that uses a thread's own variables may be called in it. False when
// refused.
bool start_thread(int (*main)(void*), void* argument, std::atomic<int>& id);
void name_thread(const char* name);  // the calling one

// Whether the calling thread may do what the process's main thread may, no less and no more. Also
// false when the kernel does not tell; always true in a process that had no privileges to give up.
bool has_rights_of_process();

// Writes all of it; false on error. Never blocks on a lock.
bool write_all(int fd, const char* text, size_t length);
int open_for_writing(const char* path);                           // created, truncated; -errno
long read_file(const char* path, char* buffer, size_t capacity);  // bytes read, or -errno
void close(int fd);

// Calls `look` with the address whenever the program touches memory that it must not, before
// whatever else would have happened.
void watch_faults(void (*look)(const void* address));

// Return addresses of the callers, innermost first; returns how many. The first call may allocate.
int stack(void** frames, int most);

// The loaded file that an address of code lies in. Takes no lock.
struct Module {
  const char* name;
  uintptr_t base;
};
Module module_of(void* address);

// Resident set of this process in bytes (from /proc/self/statm), 0 when unknown.
uint64_t resident_bytes();

[[noreturn]] void exit_now(int status);
[[noreturn]] void abort_now();  // SIGABRT, even if the program blocks or handles it

}  // namespace tamari::os
