// same_bytes.h - looks at, and fills, memory of which each byte is to be the same: free blocks, and
// what lies behind a request (heap/checked.h). That is most of what checks cost, so all of it is in
// line, and nothing goes byte by byte: what is no multiple of a word, a vector or a stride is taken
// from both ends, which then overlap. No less than a word; of a block, which the functions with
// `block` are for, no less than a vector: they have a branch less that is hard to foresee.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "platform/compiler.h"

namespace tamari {

using Vector [[gnu::vector_size(16)]] = uint64_t;
constexpr size_t kThreeWords = 3 * sizeof(uint64_t);  // which cover all from one on
constexpr size_t kVectorBytes = sizeof(Vector);
constexpr size_t kStrideBytes = 4 * kVectorBytes;
constexpr size_t kCallBytes = 256;  // from here on a call of memset() pays

template <class T>
TAMARI_INLINE T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
TAMARI_INLINE void store(char* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

// How far apart the first two of four vectors lie that cover [vector, stride] bytes; the last two
// lie as far apart.
constexpr size_t vector_step(size_t bytes) { return bytes / (2 * kVectorBytes) * kVectorBytes; }

// From `value`, of four vectors, `step` apart from either end of `bytes`.
TAMARI_INLINE Vector differences(const char* from, size_t bytes, size_t step, Vector value) {
  const char* last = from + bytes - kVectorBytes;
  return ((load<Vector>(from) ^ value) | (load<Vector>(from + step) ^ value)) |
         ((load<Vector>(last - step) ^ value) | (load<Vector>(last) ^ value));
}

TAMARI_INLINE bool is_zero(Vector vector) { return (vector[0] | vector[1]) == 0; }

// Whether each word is `word`, whose bytes are all the same.
TAMARI_INLINE bool all_of_block_are(const char* from, size_t bytes, uint64_t word) {
  const Vector value = {word, word};
  if (bytes <= kStrideBytes) return is_zero(differences(from, bytes, vector_step(bytes), value));
  const char* last = from + bytes - kStrideBytes;
  for (const char* two = last - kStrideBytes; from < two; from += kStrideBytes) {
    if (!is_zero(differences(from, kStrideBytes, kVectorBytes, value))) return false;
  }
  return is_zero(differences(from, kStrideBytes, kVectorBytes, value) |
                 differences(last, kStrideBytes, kVectorBytes, value));
}

TAMARI_INLINE bool all_are(const char* from, size_t bytes, uint64_t word) {
  if (TAMARI_UNLIKELY(bytes > kThreeWords)) return all_of_block_are(from, bytes, word);
  const char* last = from + bytes - sizeof word;
  const char* middle = from + (bytes - sizeof word) / 2;
  return ((load<uint64_t>(from) ^ word) | (load<uint64_t>(middle) ^ word) |
          (load<uint64_t>(last) ^ word)) == 0;
}

TAMARI_INLINE void fill_four(char* to, size_t bytes, size_t step, Vector value) {
  char* last = to + bytes - kVectorBytes;
  store(to, value);
  store(to + step, value);
  store(last - step, value);
  store(last, value);
}

TAMARI_INLINE void fill_block(char* to, size_t bytes, uint64_t word) {
  const Vector value = {word, word};
  if (TAMARI_LIKELY(bytes <= kStrideBytes)) return fill_four(to, bytes, vector_step(bytes), value);
  if (bytes >= kCallBytes) {
    std::memset(to, static_cast<unsigned char>(word), bytes);
    return;
  }
  char* last = to + bytes - kStrideBytes;
  for (const char* two = last - kStrideBytes; to < two; to += kStrideBytes)
    fill_four(to, kStrideBytes, kVectorBytes, value);
  fill_four(to, kStrideBytes, kVectorBytes, value);
  fill_four(last, kStrideBytes, kVectorBytes, value);
}

TAMARI_INLINE void fill(char* to, size_t bytes, uint64_t word) {
  if (bytes > kThreeWords) return fill_block(to, bytes, word);
  store(to, word);
  store(to + (bytes - sizeof word) / 2, word);
  store(to + bytes - sizeof word, word);
}

}  // namespace tamari
