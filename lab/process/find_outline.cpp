// See find_outline.h. A file is recognised in memory, as the process has it: its name may be
// another's by now.
#include "lab/process/find_outline.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include "lab/command_error.h"
#include "lab/elf_file.h"

namespace tamari::lab {
namespace {

constexpr std::size_t kMostSegments = 64;
constexpr std::size_t kMostNoteBytes = 65536;

std::vector<Elf64_Phdr> segments_at(const ProcessMemory& memory, std::uint64_t image) {
  Elf64_Ehdr header;
  if (!memory.try_read(image, &header, sizeof header)) return {};
  const bool ours = std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
                    header.e_ident[EI_CLASS] == ELFCLASS64 &&
                    header.e_phentsize == sizeof(Elf64_Phdr) && header.e_phnum <= kMostSegments;
  if (!ours) return {};
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  const std::size_t bytes = segments.size() * sizeof segments[0];
  if (!memory.try_read(image + header.e_phoff, segments.data(), bytes)) return {};
  return segments;
}

// Where the note in a segment leads to.
std::optional<std::uint64_t> led_to(const ProcessMemory& memory, std::uint64_t start,
                                    const Elf64_Phdr& segment) {
  if (segment.p_filesz > kMostNoteBytes) return std::nullopt;
  std::string notes(segment.p_filesz, '\0');
  if (!memory.try_read(start, notes.data(), notes.size())) return std::nullopt;
  const auto found = find_note(notes, segment.p_align, Outline::kNoteOwner, Outline::kNoteType);
  std::int64_t distance = 0;
  if (!found || found->size() != sizeof distance) return std::nullopt;
  std::memcpy(&distance, found->data(), sizeof distance);
  return start + static_cast<std::uint64_t>(found->data() - notes.data()) +
         static_cast<std::uint64_t>(distance);
}

// The address of the outline in one file.
std::optional<std::uint64_t> outline_in(const ProcessMemory& memory, std::uint64_t image) {
  const std::vector<Elf64_Phdr> segments = segments_at(memory, image);
  const auto first = std::find_if(segments.begin(), segments.end(),
                                  [](const Elf64_Phdr& s) { return s.p_type == PT_LOAD; });
  if (first == segments.end()) return std::nullopt;
  const std::uint64_t moved_by = image - (first->p_vaddr - first->p_offset);
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_NOTE) continue;
    if (const auto found = led_to(memory, moved_by + segment.p_vaddr, segment)) return found;
  }
  return std::nullopt;
}

Outline read_outline(const ProcessMemory& memory, std::uint64_t address) {
  const auto common = memory.get<OutlineHead>(address);
  if (common.schema == Outline::kSchema) return memory.get<Outline>(address);
  throw CommandError(
      kHarness,
      fmt::format("{} runs under tamari {}, whose records this command cannot read (schema {}, not "
                  "{}): use the tamari command of that version",
                  memory.name(), memory.get_string(address_of(common.version)), common.schema,
                  Outline::kSchema));
}

}  // namespace

Outline find_outline(const ProcessMemory& memory) {
  bool found = false;
  for (const std::uint64_t image : memory.images()) {
    const auto address = outline_in(memory, image);
    if (!address) continue;
    found = true;
    const Outline outline = read_outline(memory, *address);
    // A file may be there without serving malloc: another came before it.
    if (memory.get<std::uint64_t>(address_of(outline.committed_pages)) != 0) return outline;
  }
  throw CommandError(
      kUsage, found ? fmt::format("{} has the library, but takes no memory from it", memory.name())
                    : fmt::format("{} does not run under tamari, or under a version that "
                                  "cannot be read from outside",
                                  memory.name()));
}

}  // namespace tamari::lab
