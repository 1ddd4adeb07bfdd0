// Reads both ELF classes, in this machine's byte order; of a file in the other byte order only the
// header's identity and machine are read, which is enough to refuse it.
#include "lab/elf_file.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

namespace tamari::lab {
namespace {

// Runtimes of gcc and clang that replace malloc, as a program needs them or has them linked in.
constexpr std::string_view kSanitizerLibraries[] = {
    "libasan.so",       "libhwasan.so",     "liblsan.so",
    "libtsan.so",       "libclang_rt.asan", "libclang_rt.hwasan",
    "libclang_rt.lsan", "libclang_rt.msan", "libclang_rt.tsan",
};
constexpr std::string_view kSanitizerSymbols[] = {
    "__asan_init", "__hwasan_init", "__lsan_init", "__msan_init", "__tsan_init",
};
constexpr std::string_view kSanitizerStart = "__sanitizer_";  // gcc's, linked in, shows no more

constexpr bool kHostLittleEndian = std::endian::native == std::endian::little;

struct Elf32 {
  using Header = Elf32_Ehdr;
  using Segment = Elf32_Phdr;
  using Section = Elf32_Shdr;
  using Symbol = Elf32_Sym;
  using Dynamic = Elf32_Dyn;
};

struct Elf64 {
  using Header = Elf64_Ehdr;
  using Segment = Elf64_Phdr;
  using Section = Elf64_Shdr;
  using Symbol = Elf64_Sym;
  using Dynamic = Elf64_Dyn;
};

bool read_at(std::ifstream& file, std::uint64_t offset, void* target, std::size_t size) {
  file.clear();
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(static_cast<char*>(target), static_cast<std::streamsize>(size));
  return file.gcount() == static_cast<std::streamsize>(size);
}

// Caps what a damaged header can make us allocate.
constexpr std::uint64_t kMaxTableBytes = 256ULL << 20;

template <typename T>
std::vector<T> read_table(std::ifstream& file, std::uint64_t offset, std::uint64_t bytes) {
  if (bytes > kMaxTableBytes) return {};
  std::vector<T> table(bytes / sizeof(T));
  if (!read_at(file, offset, table.data(), table.size() * sizeof(T))) return {};
  return table;
}

// What a section of the file refers to by offset.
template <typename Section>
std::vector<char> read_names(std::ifstream& file, const Section& strings) {
  auto names = read_table<char>(file, strings.sh_offset, strings.sh_size);
  names.push_back('\0');
  return names;
}

template <typename Elf>
void read_symbols(std::ifstream& file, const typename Elf::Section& section,
                  const std::vector<char>& names, ElfFacts& facts) {
  std::string_view runtime;  // of a sanitizer, perhaps one that leaves malloc alone
  for (const auto& symbol :
       read_table<typename Elf::Symbol>(file, section.sh_offset, section.sh_size)) {
    if (symbol.st_name >= names.size()) continue;
    const std::string_view name = &names[symbol.st_name];
    const bool of_sanitizer =
        std::ranges::find(kSanitizerSymbols, name) != std::end(kSanitizerSymbols);
    if (of_sanitizer && facts.sanitizer.empty()) facts.sanitizer = name;
    if (name.starts_with(kSanitizerStart)) runtime = name;
    if (symbol.st_shndx == SHN_UNDEF) continue;
    facts.defines_malloc |= name == "malloc";
    facts.is_tamari |= name == "tamari_version";
  }
  if (facts.defines_malloc && facts.sanitizer.empty()) facts.sanitizer = runtime;
}

template <typename Elf>
void read_needed(std::ifstream& file, const typename Elf::Section& section,
                 const std::vector<char>& names, ElfFacts& facts) {
  for (const auto& entry :
       read_table<typename Elf::Dynamic>(file, section.sh_offset, section.sh_size)) {
    if (entry.d_tag != DT_NEEDED || entry.d_un.d_val >= names.size()) continue;
    const std::string_view library = &names[entry.d_un.d_val];
    const auto begins = [library](std::string_view start) { return library.starts_with(start); };
    if (std::ranges::any_of(kSanitizerLibraries, begins)) facts.sanitizer = library;
  }
}

template <typename Elf>
void read_sections(std::ifstream& file, const typename Elf::Header& header, ElfFacts& facts) {
  const auto sections = read_table<typename Elf::Section>(
      file, header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(typename Elf::Section));
  for (const auto& section : sections) {
    if (section.sh_link >= sections.size()) continue;
    if (section.sh_type == SHT_DYNSYM) {
      read_symbols<Elf>(file, section, read_names(file, sections[section.sh_link]), facts);
    }
    if (section.sh_type == SHT_DYNAMIC) {
      read_needed<Elf>(file, section, read_names(file, sections[section.sh_link]), facts);
    }
  }
}

std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

template <typename Elf>
std::optional<ElfFacts> read_class(std::ifstream& file, ElfFacts facts) {
  typename Elf::Header header;
  if (!read_at(file, 0, &header, sizeof header)) return std::nullopt;
  const auto segments = read_table<typename Elf::Segment>(
      file, header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(typename Elf::Segment));
  for (const auto& segment : segments) {
    facts.has_interpreter |= segment.p_type == PT_INTERP;
    if (segment.p_type != PT_NOTE || !facts.build_id.empty()) continue;
    const auto notes = read_table<char>(file, segment.p_offset, segment.p_filesz);
    const auto id =
        find_note({notes.data(), notes.size()}, segment.p_align, "GNU", NT_GNU_BUILD_ID);
    facts.build_id = to_hex(id.value_or(""));
  }
  read_sections<Elf>(file, header, facts);
  return facts;
}

std::uint16_t read_machine(const unsigned char* header, bool little_endian) {
  const unsigned low = header[little_endian ? 18 : 19];
  const unsigned high = header[little_endian ? 19 : 18];
  return static_cast<std::uint16_t>(high << 8 | low);
}

}  // namespace

// Both ELF classes have notes of the same layout: three words, then owner and description, each
// padded.
std::optional<std::string_view> find_note(std::string_view notes, std::uint64_t alignment,
                                          std::string_view owner, std::uint32_t type) {
  const std::size_t unit = alignment == 8 ? 8 : 4;
  const auto padded = [&](std::size_t size) { return (size + unit - 1) & ~(unit - 1); };
  Elf64_Nhdr note;
  for (std::size_t at = 0; at + sizeof note <= notes.size();) {
    std::memcpy(&note, &notes[at], sizeof note);
    const std::size_t owner_at = at + sizeof note;
    const std::size_t text_at = owner_at + padded(note.n_namesz);
    if (text_at + note.n_descsz > notes.size()) break;
    const bool same_owner =
        note.n_namesz == owner.size() + 1 && notes.substr(owner_at, owner.size()) == owner;
    if (note.n_type == type && same_owner) return notes.substr(text_at, note.n_descsz);
    at = text_at + padded(note.n_descsz);
  }
  return std::nullopt;
}

std::optional<ElfFacts> read_elf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  unsigned char start[20];
  if (!read_at(file, 0, start, sizeof start)) return std::nullopt;
  if (std::memcmp(start, ELFMAG, SELFMAG) != 0) return std::nullopt;
  ElfFacts facts;
  facts.bits = start[EI_CLASS] == ELFCLASS32 ? 32 : 64;
  facts.little_endian = start[EI_DATA] != ELFDATA2MSB;
  facts.machine = read_machine(start, facts.little_endian);
  if (facts.little_endian != kHostLittleEndian) return facts;
  return facts.bits == 32 ? read_class<Elf32>(file, facts) : read_class<Elf64>(file, facts);
}

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86-64";
    case EM_386:
      return "i386";
    case EM_AARCH64:
      return "AArch64";
    case EM_ARM:
      return "ARM";
    case EM_RISCV:
      return "RISC-V";
    case EM_PPC64:
      return "PowerPC64";
    case EM_S390:
      return "s390";
    default:
      return fmt::format("ELF machine {}", machine);
  }
}

}  // namespace tamari::lab
