// A program under test. Its arguments are deeds, done in order:
//   print=TEXT     on standard output, with a newline
//   error=TEXT     on standard error
//   touch=KIB      allocates so much and writes to it
//   sleep=MS
//   child=MS:FILE  starts a process that makes FILE after so long, and does not wait for it
//   count=FILE     adds a byte to FILE; the next deed is done only if it then has an odd length
//   leave=STATUS   ends by _exit
//   exit=STATUS    ends by exit
//   abort=
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

void sleep_ms(const std::string& text) { usleep(static_cast<useconds_t>(std::stoul(text)) * 1000); }

void start_child(const std::string& text) {
  if (fork() != 0) return;
  const std::size_t colon = text.find(':');
  sleep_ms(text.substr(0, colon));
  close(open(text.substr(colon + 1).c_str(), O_WRONLY | O_CREAT, 0644));
  _exit(0);
}

bool count_is_odd(const std::string& file) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const bool written = write(descriptor, "x", 1) == 1;
  struct stat info {};
  fstat(descriptor, &info);
  close(descriptor);
  return written && info.st_size % 2 == 1;
}

// False: the next deed is to be left out.
bool act(const std::string& deed, const std::string& text) {
  if (deed == "print") std::printf("%s\n", text.c_str());
  if (deed == "error") std::fprintf(stderr, "%s\n", text.c_str());
  if (deed == "sleep") sleep_ms(text);
  if (deed == "child") start_child(text);
  if (deed == "count") return count_is_odd(text);
  if (deed == "leave") _exit(std::stoi(text));
  if (deed == "exit") std::exit(std::stoi(text));
  if (deed == "abort") std::abort();
  if (deed == "touch") {
    static std::vector<char> memory;
    memory.assign(std::stoul(text) << 10, 'x');
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  bool wanted = true;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::size_t equals = word.find('=');
    wanted = !wanted || act(word.substr(0, equals), word.substr(equals + 1));
  }
  return 0;
}
