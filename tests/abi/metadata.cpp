// The library's own data, as seen from inside a process: what is written only at start cannot be
// written any more, nothing that can be written points at code, no copy of the secrets that libc
// was given lies there, and neither the window nor the tables lie where a library's address says.

#include <elf.h>
#include <link.h>
#include <malloc.h>
#include <sys/auxv.h>
#include <sys/personality.h>

#include <thread>

#include "mixed.h"
#include "process.h"

namespace {

struct Mapping {
  uintptr_t start, end;
  bool readable, writable, executable, anonymous, ours;
};

constexpr size_t kMost = 2000;
constexpr size_t kGuardBytes = 65536;  // at least, below each table
Mapping* mappings = map_table<Mapping>(kMost);
size_t mapping_count = 0;

bool holds(const Mapping& mapping, uintptr_t address) {
  return address >= mapping.start && address < mapping.end;
}

const Mapping* mapping_of(uintptr_t address) {
  for (size_t i = 0; i < mapping_count; ++i)
    if (holds(mappings[i], address)) return &mappings[i];
  return nullptr;
}

// All of the library's file and static data, by its program headers.
struct Image {
  uintptr_t start = 0, end = 0;
};

int find_image(dl_phdr_info* info, size_t, void* image) {
  if (strstr(info->dlpi_name, "libtamari") == nullptr) return 0;
  uintptr_t end = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    if (part.p_type == PT_LOAD && part.p_vaddr + part.p_memsz > end)
      end = part.p_vaddr + part.p_memsz;
  }
  *static_cast<Image*>(image) = {info->dlpi_addr, info->dlpi_addr + end};
  return 1;
}

void read_mappings() {
  Image image;
  REQUIRE(dl_iterate_phdr(find_image, &image) == 1);
  static char text[1 << 18];
  const int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  size_t length = 0;
  for (ssize_t got; (got = read(fd, text + length, sizeof text - 1 - length)) > 0;)
    length += static_cast<size_t>(got);
  close(fd);
  mapping_count = 0;
  for (char* line = text; *line != '\0' && mapping_count < kMost; line = strchr(line, '\n') + 1) {
    Mapping& mapping = mappings[mapping_count++];
    char* at = nullptr;
    mapping.start = strtoul(line, &at, 16);
    mapping.end = strtoul(at + 1, &at, 16);
    mapping.readable = at[1] == 'r';
    mapping.writable = at[2] == 'w';
    mapping.executable = at[3] == 'x';
    const char* end_of_line = strchr(line, '\n');
    mapping.anonymous = end_of_line[-1] == ' ';
    mapping.ours = mapping.start >= image.start && mapping.start < image.end;
    // The kernel joins to it what others have mapped behind it.
    if (mapping.ours && mapping.end > image.end) mapping.end = image.end;
  }
}

// A table, or the window: far from the libraries, with nothing near it.
bool is_table(size_t i) {
  const Mapping& mapping = mappings[i];
  if (!mapping.writable || !mapping.anonymous || i == 0 || i + 1 == mapping_count) return false;
  constexpr uintptr_t kFar = 1UL << 30;
  return mapping.end + kFar < reinterpret_cast<uintptr_t>(&getauxval) &&
         mappings[i - 1].end + kGuardBytes <= mapping.start &&
         mapping.end + kGuardBytes <= mappings[i + 1].start;
}

template <class Visit>
void for_each_word(const Mapping& mapping, Visit visit) {
  for (uintptr_t at = mapping.start; at < mapping.end; at += sizeof(uintptr_t))
    visit(at, *reinterpret_cast<const uintptr_t*>(at));
}

// Some of everything: spans, large blocks, batches, owners, stashes.
void use_the_heap() {
  std::thread threads[4];
  for (unsigned long i = 0; i < 4; ++i) {
    threads[i] = std::thread([i] {
      Random random(i + 1);
      void* blocks[300] = {};
      for (int turn = 0; turn < 20000; ++turn) {
        void*& slot = blocks[random.below(300)];
        free(slot);
        slot = malloc(turn % 1000 == 0 ? 400000 : mixed_size(random));
      }
      for (void* block : blocks) free(block);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Each address at which the window or a table starts is known, and only where it cannot be changed.
void sealed() {
  if (!expect_library()) return;
  if (sysconf(_SC_PAGESIZE) != 4096) _exit(77);
  use_the_heap();
  read_mappings();
  size_t starts = 0, known = 0, writable = 0;
  for (size_t i = 0; i < mapping_count; ++i) {
    if (!is_table(i)) continue;
    ++starts;
    for (size_t j = 0; j < mapping_count; ++j) {
      if (!mappings[j].ours || !mappings[j].readable) continue;
      for_each_word(mappings[j], [&](uintptr_t, uintptr_t word) {
        if (word != mappings[i].start) return;
        ++(mappings[j].writable ? writable : known);
      });
    }
  }
  printf("%zu regions; %zu pointers to their starts, %zu of them can be written\n", starts,
         known + writable, writable);
  EXPECT(starts >= 8);
  EXPECT(known >= starts);
  EXPECT_AT_MOST(writable, 0);
}

bool is_code(uintptr_t address) {
  const Mapping* mapping = mapping_of(address);
  return mapping != nullptr && mapping->executable;
}

void no_pointers_to_code() {
  if (!expect_library()) return;
  use_the_heap();
  read_mappings();
  const auto block = reinterpret_cast<uintptr_t>(opaque(malloc(100)));
  // Some settings split the window, and its parts would pass for tables.
  const bool tables = getenv("TAMARI_CONF") == nullptr;
  size_t looked_at = 0;
  for (size_t i = 0; i < mapping_count; ++i) {
    const Mapping& mapping = mappings[i];
    const bool is_ours = mapping.ours || (tables && is_table(i) && !holds(mapping, block));
    if (!mapping.writable || !is_ours) continue;
    for_each_word(mapping, [&](uintptr_t at, uintptr_t word) {
      ++looked_at;
      if (is_code(word))
        expect_fail(__FILE__, __LINE__, "%#lx, at %#lx of the library's data, is code", word, at);
    });
  }
  printf("%zu words\n", looked_at);
  EXPECT(looked_at > 10000);
}

// Under check=sample the library has a handler for faults, which calls through a pointer: the only
// one to code in static data that was zero, recorded stacks aside, and it cannot be changed.
void sealed_handler() {
  if (!expect_library()) return;
  if (sysconf(_SC_PAGESIZE) != 4096) _exit(77);
  read_mappings();
  size_t found = 0;
  for (size_t i = 0; i < mapping_count; ++i) {
    const Mapping& mapping = mappings[i];
    if (!mapping.ours || !mapping.anonymous || !mapping.readable || mapping.writable) continue;
    for_each_word(mapping, [&](uintptr_t, uintptr_t word) { found += is_code(word); });
  }
  EXPECT(found == 1);
}

// The 16 bytes of AT_RANDOM, of which libc makes its stack canary and its pointer guard.
void no_secrets() {
  if (!expect_library()) return;
  use_the_heap();
  read_mappings();
  uintptr_t secrets[2];
  memcpy(secrets, reinterpret_cast<const void*>(getauxval(AT_RANDOM)), sizeof secrets);
  for (size_t i = 0; i < mapping_count; ++i) {
    if (!mappings[i].readable || !(mappings[i].ours || is_table(i))) continue;
    for_each_word(mappings[i], [&](uintptr_t at, uintptr_t word) {
      if (word == secrets[0] || word == secrets[1])
        expect_fail(__FILE__, __LINE__, "a secret of libc lies at %#lx", at);
    });
  }
}

constexpr size_t kBlocks = 400;

// Under check=all: which block comes next cannot be told from those that came before, nor from the
// order of frees, and a block that was just freed does not come back.
void random_order() {
  if (!expect_library()) return;
  static char* blocks[kBlocks];
  static char* again[kBlocks];
  size_t neighbours = 0, at_once = 0, as_freed = 0, reversed = 0;
  for (char*& block : blocks) block = static_cast<char*>(opaque(malloc(100)));
  for (size_t i = 1; i < kBlocks; ++i) {
    const ptrdiff_t step = blocks[i] - blocks[i - 1];
    neighbours += step > 0 && step < 200;
  }
  for (char* block : blocks) free(block);
  for (size_t i = 0; i < kBlocks; ++i) {
    again[i] = static_cast<char*>(opaque(malloc(100)));
    as_freed += again[i] == blocks[i];
    reversed += again[i] == blocks[kBlocks - 1 - i];
  }
  for (char* block : again) {
    free(block);
    void* next = opaque(malloc(100));
    at_once += next == block;
  }
  printf(
      "of %zu blocks: %zu above the one before; %zu in the order of frees, %zu reversed; %zu at "
      "once\n",
      kBlocks, neighbours, as_freed, reversed, at_once);
  EXPECT_AT_MOST(neighbours, kBlocks / 2);
  EXPECT_AT_MOST(as_freed + reversed, kBlocks / 10);
  EXPECT_AT_MOST(at_once, kBlocks / 20);
}

constexpr int kRuns = 12;

struct Places {
  uintptr_t window, table;
};

void print_places() {
  const auto block = reinterpret_cast<uintptr_t>(opaque(malloc(100)));
  read_mappings();
  const auto libc = reinterpret_cast<uintptr_t>(&getauxval);
  Places places = {libc - mapping_of(block)->start, 0};
  for (size_t i = 0; i < mapping_count; ++i)
    if (is_table(i) && !holds(mappings[i], block)) places.table = libc - mappings[i].start;
  REQUIRE(write(STDOUT_FILENO, &places, sizeof places) == sizeof places);
}

// The kernel is told to place all at the same addresses each time: what still moves, the library
// has moved, and whoever knows where libc is knows nothing of it.
void placement() {
  if (!expect_library()) return;
  const int old = personality(0xffffffff);
  if (old < 0 || personality(static_cast<unsigned long>(old) | ADDR_NO_RANDOMIZE) < 0) _exit(77);
  Places runs[kRuns];
  for (Places& run : runs) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      dup2(ends[1], STDOUT_FILENO);
      exec_self("print_places");
    }
    REQUIRE(read(ends[0], &run, sizeof run) == sizeof run);
    EXPECT(wait_for(child) == 0);
    close(ends[0]);
    close(ends[1]);
  }
  int same_window = 0, same_table = 0;
  for (int i = 0; i < kRuns; ++i) {
    for (int j = 0; j < i; ++j) {
      same_window += runs[i].window == runs[j].window;
      same_table += runs[i].table == runs[j].table;
    }
  }
  printf("pairs of %d runs at the same place: window %d, tables %d\n", kRuns, same_window,
         same_table);
  EXPECT_AT_MOST(same_window, 1);  // of 66, when there are 16,384 places
  EXPECT_AT_MOST(same_table, 1);
}

constexpr Case kCases[] = {{"sealed", sealed},
                           {"no_pointers_to_code", no_pointers_to_code},
                           {"sealed_handler", sealed_handler},
                           {"no_secrets", no_secrets},
                           {"random_order", random_order},
                           {"placement", placement},
                           {"print_places", print_places}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
