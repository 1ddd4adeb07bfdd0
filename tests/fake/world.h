// world.h - everything below the heap, made afresh over the fake os: for tests that want an
// allocator of their own, and many of them.
#pragma once

#include <sys/mman.h>

#include <new>

#include "fake_os.h"
#include "settings.h"
#include "thread/owner.h"
#include "thread/shared.h"

namespace tamari {

// A page map of zeros, most of it never touched.
class FreshMap {
 public:
  FreshMap() {
    map_ = static_cast<PageMap*>(mmap(nullptr, sizeof(PageMap), PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  }
  ~FreshMap() { munmap(map_, sizeof(PageMap)); }
  FreshMap(const FreshMap&) = delete;
  FreshMap& operator=(const FreshMap&) = delete;
  PageMap& get() { return *map_; }

 private:
  PageMap* map_;
};

struct World {
  static constexpr size_t kSmallWindow = size_t{256} << 20;

  FreshMap map;
  Tunables tunables;
  Growth growth;
  Arena arena{map.get(), growth};
  Owners owners{arena};
  Room room;
  Shared shared{arena, tunables, owners, room};

  // With most_reserved the window is small, which makes many worlds cheap.
  explicit World(size_t most_reserved = kSmallWindow) { os::g_fake.most_reserved = most_reserved; }
  ~World() { os::reset_fake(); }

  bool start() {
    if (!arena.init({sizeof(LineOwners), sizeof(Batch), sizeof(BatchGroup), sizeof(Owner)},
                    os::HugePages::kSystem, 0) ||
        !owners.init())
      return false;
    shared.init();
    return true;
  }

  void set(const char* text) { set_tunables(tunables, text); }
};

}  // namespace tamari
