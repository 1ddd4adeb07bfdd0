// What each setting of `thp` costs and brings: a hundred threads that hold little, and one large
// array, under every value of the tunable. The kernel's own setting decides what `system` and `on`
// can do; it is printed.

#include <pthread.h>

#include "../abi/mixed.h"
#include "../abi/sleeper.h"
#include "figure.h"

namespace {

constexpr unsigned kThreads = 100;
constexpr size_t kArray = 512 * kMiB;
constexpr const char* kSettings[] = {"off", "system", "on"};

// A line of a file under /proc or /sys, as far as it fits.
void read_text(const char* path, char* text, size_t size) {
  text[0] = '\0';
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const ssize_t got = read(fd, text, size - 1);
  text[got > 0 ? got : 0] = '\0';
  close(fd);
}

double huge_mib() {
  static char text[4096];
  read_text("/proc/self/smaps_rollup", text, sizeof text);
  const char* line = strstr(text, "AnonHugePages:");
  return line == nullptr ? 0 : atof(line + strlen("AnonHugePages:")) / 1024;
}

void labelled(const char* setting, const char* what, double figure, const char* unit) {
  char text[96];
  snprintf(text, sizeof text, "thp=%s, %s", setting, what);
  note(text, figure, unit);
}

void labelled_at_most(const char* setting, const char* what, double figure, double bound,
                      const char* unit) {
  char text[96];
  snprintf(text, sizeof text, "thp=%s, %s", setting, what);
  at_most(text, figure, bound, unit);
}

// Each holds 20 blocks in as many size classes.
void tiny_threads(const char* setting) {
  static pthread_barrier_t started, go, filled;
  for (pthread_barrier_t* gate : {&started, &go, &filled})
    REQUIRE(pthread_barrier_init(gate, nullptr, kThreads + 1) == 0);
  for (unsigned t = 0; t < kThreads; ++t) {
    new Sleeper([] {
      pthread_barrier_wait(&started);
      pthread_barrier_wait(&go);
      for (size_t i = 0; i < 20; ++i) {
        const size_t size = 24 + i * i * 16;
        memset(malloc(size), 1, size);
      }
      pthread_barrier_wait(&filled);
    });
  }
  pthread_barrier_wait(&started);
  const long before = resident_kib();
  pthread_barrier_wait(&go);
  pthread_barrier_wait(&filled);
  const double each = static_cast<double>(resident_kib() - before) / kThreads;
  if (strcmp(setting, "off") == 0) {
    labelled_at_most(setting, "held by each of 100 threads with 52 KiB", each, 160, "KiB");
  } else {
    labelled(setting, "held by each of 100 threads with 52 KiB", each, "KiB");
  }
}

void large_array(const char* setting) {
  const double begun = seconds_now();
  auto* array = static_cast<char*>(malloc(kArray));
  REQUIRE(array != nullptr);
  memset(array, 1, kArray);
  const double first = seconds_now() - begun;
  unsigned long sum = 0;
  Random random(1);
  const double reading = seconds_now();
  for (int i = 0; i < 5000000; ++i) sum += static_cast<unsigned char>(array[random.below(kArray)]);
  EXPECT(sum == 5000000);
  labelled(setting, "first touch of 512 MiB", first * 1000, "ms");
  labelled(setting, "five million reads in it", (seconds_now() - reading) * 1000, "ms");
  if (strcmp(setting, "off") == 0) {
    labelled_at_most(setting, "huge pages in it", huge_mib(), 0, "MiB");
  } else {
    labelled(setting, "huge pages in it", huge_mib(), "MiB");
  }
  free(array);
  labelled_at_most(setting, "RSS 2 s later", static_cast<double>(resident_after(2)),
                   settled_bound_kib(0), "KiB");
}

[[noreturn]] void become(const char* setting, const char* what) {
  char conf[32];
  snprintf(conf, sizeof conf, "strict=1,thp=%s", setting);
  setenv("TAMARI_CONF", conf, 1);
  setenv("TAMARI_TEST_THP", setting, 1);
  exec_self(what);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2) {
    const char* setting = getenv("TAMARI_TEST_THP");
    REQUIRE(setting != nullptr);
    argv[1][0] == 't' ? tiny_threads(setting) : large_array(setting);
    _exit(expect_status());
  }
  char system[64];
  read_text("/sys/kernel/mm/transparent_hugepage/enabled", system, sizeof system);
  printf("the kernel's setting: %s", system);
  fflush(stdout);
  for (const char* setting : kSettings) {
    for (const char* what : {"threads", "array"}) {
      const pid_t child = fork();
      REQUIRE(child >= 0);
      if (child == 0) become(setting, what);
      EXPECT(wait_for(child) == 0);
    }
  }
  return expect_status();
}
