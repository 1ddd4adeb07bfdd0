/* tamari.h - the C interface of the tamari allocator.
 *
 * Linking or preloading libtamari replaces malloc; nothing here is needed for that. These calls
 * read and change the running allocator. All are thread-safe, none allocates, and none touches
 * errno. */
#ifndef TAMARI_TAMARI_H
#define TAMARI_TAMARI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version, such as "0.1.0". */
const char* tamari_version(void);

/* Sets a tunable while the program runs. `value` is text as in TAMARI_CONF (K, M, G, T: powers of
 * 1024). 0, or EINVAL when there is no such tunable, the value is out of range, or it takes effect
 * at start only; the reason (at most `size` bytes, terminated) goes to `reason`, which may be NULL.
 */
int tamari_set(const char* name, const char* value, char* reason, size_t size);

/* The value in force, as text. Returns its length; 0 when there is no such tunable. At most `size`
 * bytes are written, terminated. */
size_t tamari_get(const char* name, char* value, size_t size);

/* The value of a counter or gauge (docs/counters.md). 0, or EINVAL when there is none of that name.
 */
int tamari_counter(const char* name, uint64_t* value);

/* Everything, as JSON or as text for people. Returns the length that is needed; at most `size`
 * bytes are written, terminated. */
size_t tamari_stats_json(char* buffer, size_t size);
size_t tamari_stats_text(char* buffer, size_t size);

/* Empties the caches of threads that are not inside the allocator, and gives every free page back
 * to the kernel now. Returns bytes given back. */
uint64_t tamari_purge(void);

#ifdef __cplusplus
}
#endif

#endif
