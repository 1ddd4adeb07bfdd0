// The few facts about an ELF file that decide whether a preload reaches it, and which build it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tamari::lab {

struct ElfFacts {
  int bits = 0;  // 32 or 64
  bool little_endian = true;
  std::uint16_t machine = 0;
  bool has_interpreter = false;  // PT_INTERP: the dynamic loader starts it
  bool defines_malloc = false;   // exported by the file itself, so a preload comes second
  std::string sanitizer;         // a runtime that has to own malloc: its library or symbol
  bool is_tamari = false;        // exports tamari_version, whatever the file is called
  std::string build_id;          // as hex; empty: none
};

// None if the file is not ELF or is cut short.
std::optional<ElfFacts> read_elf(const std::string& path);

// The description of the first note of that owner and type in a segment of notes. `alignment`: the
// segment's.
std::optional<std::string_view> find_note(std::string_view notes, std::uint64_t alignment,
                                          std::string_view owner, std::uint32_t type);

// "x86-64", "AArch64", ... or the number.
std::string machine_name(std::uint16_t machine);

}  // namespace tamari::lab
