// Fills memory as its argument says, prints what the library itself says of it (tamari_stats_json),
// and rests until it is killed. Built once for a preload, once with the library linked into it.
#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using Blocks = std::vector<char*>;

char* make(std::size_t bytes) {
  auto* block = static_cast<char*>(malloc(bytes));
  std::memset(block, 1, bytes);
  return block;
}

Blocks make_mixed(std::size_t count) {
  Blocks blocks;
  for (std::size_t i = 0; i < count; ++i) blocks.push_back(make(16 + i * 37 % 3000));
  return blocks;
}

void drop_every_other(Blocks& blocks) {
  for (std::size_t i = 0; i < blocks.size(); i += 2) free(blocks[i]);
}

// Small blocks with holes between them, medium and large ones.
void fill_live() {
  static Blocks small = make_mixed(20'000);
  drop_every_other(small);
  for (std::size_t i = 0; i < 20; ++i) make(100'000 + i * 5'000);
  make(9'000'000);
}

void rest() {
  while (true) pause();
}

// Threads that hold full caches and sleep.
void fill_caches() {
  constexpr std::size_t kThreads = 8;
  static std::atomic<std::size_t> asleep{0};
  for (std::size_t i = 0; i < kThreads; ++i) {
    std::thread([] {
      for (char* block : make_mixed(5'000)) free(block);
      ++asleep;
      rest();
    }).detach();
  }
  while (asleep < kThreads) usleep(1000);
}

// Blocks of one thread, freed by another while the first sleeps.
void fill_stashes() {
  static std::atomic<Blocks*> handed{nullptr};
  std::thread([] {
    static Blocks blocks = make_mixed(20'000);
    handed = &blocks;
    rest();
  }).detach();
  while (handed == nullptr) usleep(1000);
  for (char* block : *handed) free(block);
}

void spike() {
  Blocks blocks = make_mixed(60'000);
  for (char* block : blocks) free(block);
}

void print_snapshot() {
  using Call = std::size_t (*)(char*, std::size_t);
  static char text[65536] = "no tamari_stats_json\n";
  const auto call = reinterpret_cast<Call>(dlsym(RTLD_DEFAULT, "tamari_stats_json"));
  if (call != nullptr) call(text, sizeof text);
  (void)!write(STDOUT_FILENO, text, std::strlen(text));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "live") fill_live();
  if (what == "caches") fill_caches();
  if (what == "stashes") fill_stashes();
  if (what == "spike") spike();
  // The library is there, but malloc is another's.
  if (what == "beside" && dlopen(argv[2], RTLD_NOW | RTLD_LOCAL) == nullptr) return 1;
  print_snapshot();
  rest();
}
