// A program that exports a malloc of its own, so that a preloaded one comes second.
#include <cstddef>

extern "C" void* malloc(std::size_t) { return nullptr; }

int main() { return 0; }
