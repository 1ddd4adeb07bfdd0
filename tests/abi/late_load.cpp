// The library as a late guest: dlopened into a process whose malloc is another, it must load (its
// static TLS fits) and serve those who ask for it by dlsym, beside the process's own malloc.

#include <dlfcn.h>
#include <malloc.h>

#include <thread>

#include "process.h"

namespace {

struct Family {
  void* (*allocate)(size_t);
  void* (*clear)(size_t, size_t);
  void* (*resize)(void*, size_t);
  size_t (*usable)(void*);
  void (*release)(void*);
};

template <typename Function>
void find(void* library, const char* name, Function*& entry) {
  entry = reinterpret_cast<Function*>(dlsym(library, name));
  REQUIRE(entry != nullptr);
}

Family family_of(void* library) {
  Family family;
  find(library, "malloc", family.allocate);
  find(library, "calloc", family.clear);
  find(library, "realloc", family.resize);
  find(library, "malloc_usable_size", family.usable);
  find(library, "free", family.release);
  return family;
}

void use(const Family& family) {
  for (size_t size = 1; size < 2 << 20; size = size * 3 + 1) {
    auto* block = static_cast<char*>(family.allocate(size));
    void* own = malloc(size);
    REQUIRE(block != nullptr && own != nullptr && family.usable(block) >= size);
    memset(block, 'a', size);
    block = static_cast<char*>(family.resize(block, size * 2));
    REQUIRE(block != nullptr);
    EXPECT(block[0] == 'a' && block[size - 1] == 'a');
    family.release(block);
    family.release(family.clear(1, size));
    free(own);
  }
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc == 2);
  void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) expect_fail(__FILE__, __LINE__, "dlopen: %s", dlerror());
  REQUIRE(library != nullptr);
  const Family family = family_of(library);
  EXPECT(family.allocate != &malloc);
  use(family);
  std::thread([&] { use(family); }).join();
  std::thread outlives([&] {
    use(family);
    dlclose(library);  // the thread ends after this: its exit hook must still be mapped
  });
  outlives.join();
  return expect_status();
}
