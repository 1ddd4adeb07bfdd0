// A process of a later version of the library, as far as `tamari explain` may look at it.
#include <unistd.h>

#include "src/heap/outline.h"
#include "src/platform/compiler.h"

extern "C" {
extern const tamari::OutlineHead tamari_outline;
const tamari::OutlineHead tamari_outline = {tamari::Outline::kSchema + 1, "9.8.7"};
}
TAMARI_NOTE(tamari_outline);

int main() {
  (void)!write(STDOUT_FILENO, "ready\n", 6);
  pause();
}
