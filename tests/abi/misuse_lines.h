// What the library says about each mistake of misuse.cpp, word for word, and how the process ends.
// Addresses read ADDRESS, the thread's id N.

#pragma once

#include <string>

struct Sentence {
  const char* code;
  const char* what;
  const char* advice;
};

constexpr const char* kStart = "pass the pointer that malloc returned";
constexpr const char* kOnce = "free each block once, through the pointer that malloc returned";
constexpr const char* kOwn =
    "free it with the allocator it came from, or set foreign=report to carry on";
constexpr const char* kEarlier = "look for an earlier free of the same pointer";
constexpr const char* kWrong = "look for an earlier free of the same pointer, or a wrong pointer";
constexpr const char* kType = "delete objects through their own type, arrays with delete[]";
constexpr const char* kTypeOnce =
    "delete objects through their own type, arrays with delete[]; said once only";

constexpr Sentence kFreeInside{"invalid-free", "free of an address inside a block, not its start",
                               kStart};
constexpr Sentence kReallocInside{"invalid-realloc",
                                  "realloc of an address inside a block, not its start", kStart};
constexpr Sentence kUsableInside{"invalid-usable-size",
                                 "malloc_usable_size of an address inside a block, not its start",
                                 kStart};
constexpr Sentence kFreeTail{"invalid-free", "free of an address that no block lies at", kStart};

constexpr Sentence kFreeForeign{"invalid-free",
                                "free of a pointer that this allocator did not return", kOwn};
constexpr Sentence kReallocForeign{"invalid-realloc",
                                   "realloc of a pointer that this allocator did not return", kOwn};
constexpr Sentence kUsableForeign{
    "invalid-usable-size", "malloc_usable_size of a pointer that this allocator did not return",
    kOwn};

constexpr Sentence kFreeGone{"invalid-free", "free of memory that is not allocated (freed before?)",
                             kOnce};
constexpr Sentence kReallocGone{"invalid-realloc",
                                "realloc of memory that is not allocated (freed before?)", kOnce};
constexpr Sentence kUsableGone{"invalid-usable-size",
                               "malloc_usable_size of memory that is not allocated (freed before?)",
                               kOnce};

constexpr Sentence kTwice{"double-free", "free of a block that is free already",
                          "look for a second free of the same pointer"};
constexpr Sentence kNeverOut{"invalid-free", "free of a place that was never handed out", kWrong};
constexpr Sentence kReallocFreed{"invalid-realloc", "realloc of a block that is free already",
                                 kEarlier};
constexpr Sentence kReallocFreedChecked{"invalid-realloc",
                                        "realloc of a block that is free already", kWrong};
constexpr Sentence kUsableFreed{"invalid-usable-size",
                                "malloc_usable_size of a block that is free already", kEarlier};
constexpr Sentence kUsableFreedChecked{
    "invalid-usable-size", "malloc_usable_size of a block that is free already", kWrong};

constexpr Sentence kTooLarge{"size-mismatch",
                             "a sized free gave 5000 bytes, more than the block has", kTypeOnce};
constexpr Sentence kTooLarge400000{
    "size-mismatch", "a sized free gave 400000 bytes, more than the block has", kTypeOnce};
constexpr Sentence kNot400000{"size-mismatch",
                              "a sized free gave 400000 bytes, not what was asked for", kType};
constexpr Sentence kNot4096{"alignment-mismatch",
                            "a free gave an alignment of 4096, which the block has not",
                            "give the alignment that was asked for"};
constexpr Sentence kNot24{"alignment-mismatch",
                          "a free gave an alignment of 24, which the block has not",
                          "give the alignment that was asked for"};
constexpr Sentence kNotMiB{"alignment-mismatch",
                           "a free gave an alignment of 1048576, which the block has not",
                           "give the alignment that was asked for"};
constexpr Sentence kNot5000{"size-mismatch", "a sized free gave 5000 bytes, not what was asked for",
                            kType};
constexpr Sentence kNot8{"size-mismatch", "a sized free gave 8 bytes, not what was asked for",
                         kType};

constexpr Sentence kMallocDeleted{"family-mismatch",
                                  "a block of the malloc family was freed by operator delete",
                                  "free it with free, or set family_mismatch=report to carry on"};
constexpr Sentence kMallocDeletedArray{
    "family-mismatch", "a block of the malloc family was freed by operator delete[]",
    "free it with free, or set family_mismatch=report to carry on"};
constexpr Sentence kNewFreed{
    "family-mismatch", "a block of operator new was freed by the malloc family",
    "free it with operator delete, or set family_mismatch=report to carry on"};
constexpr Sentence kNewDeletedArray{
    "family-mismatch", "a block of operator new was freed by operator delete[]",
    "free it with operator delete, or set family_mismatch=report to carry on"};
constexpr Sentence kNewArrayFreed{
    "family-mismatch", "a block of operator new[] was freed by the malloc family",
    "free it with operator delete[], or set family_mismatch=report to carry on"};
constexpr Sentence kNewArrayDeleted{
    "family-mismatch", "a block of operator new[] was freed by operator delete",
    "free it with operator delete[], or set family_mismatch=report to carry on"};

constexpr Sentence kOverflow{"overflow", "bytes behind a block were overwritten",
                             "look for a write past the size that was asked for"};
constexpr Sentence kUnderflow{
    "underflow", "bytes before a block were overwritten",
    "look for a write before the block, or past the end of the one below it"};
constexpr Sentence kUsed{"use-after-free", "a block was written to after it had been freed",
                         "look for a pointer that outlived its free"};

// kTwoOwners: nobody notices, and two mallocs return the block that was freed twice.
enum class End { kAsBefore, kAborts, kGoesOn, kFaults, kTwoOwners };

struct Expected {
  End end = End::kAsBefore;
  const Sentence* said = nullptr;
  const char* block = nullptr;             // what the line says of the block, if anything
  const Sentence* instead_said = nullptr;  // as likely: the pages may have gone back meanwhile
  int tries = 1;                           // one of them must end so
};

constexpr Expected aborts(const Sentence& said, const char* block = nullptr) {
  return {End::kAborts, &said, block};
}
constexpr Expected twice_or_gone(const char* block) {
  return {End::kAborts, &kTwice, block, &kFreeGone};
}
constexpr Expected warns(const Sentence& said, const char* block) {
  return {End::kGoesOn, &said, block};
}
constexpr Expected kSilent{End::kGoesOn};
constexpr Expected kFault{End::kFaults};
// Unless the process is held up so long that its cache is taken for idle, and emptied.
constexpr Expected kHandedOutTwice{End::kTwoOwners, nullptr, nullptr, nullptr, 4};

inline std::string line_of(const Sentence* said, const char* block) {
  if (said == nullptr) return "";
  const std::string place = block == nullptr ? "" : std::string(", ") + block;
  return std::string("tamari: ") + said->code + ": " + said->what + ": ADDRESS" + place +
         ", thread N; " + said->advice + "\n";
}

inline bool is_said(const Expected& expected, const std::string& masked) {
  return masked == line_of(expected.said, expected.block) ||
         (expected.instead_said != nullptr && masked == line_of(expected.instead_said, nullptr));
}
