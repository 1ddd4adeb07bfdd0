// Loaded and unloaded by plugins.cpp: allocates in every way a plugin does.

#include <stdlib.h>
#include <string.h>

#include <memory>
#include <string>

namespace {

std::string of_the_plugin(5000, 'p');
thread_local std::unique_ptr<char[]> of_the_thread;

}  // namespace

extern "C" char* plugin_duplicate(const char* text) {
  of_the_thread = std::make_unique<char[]>(10000);
  of_the_plugin += text;
  return strdup(text);
}

extern "C" void plugin_free(void* block) { free(block); }
