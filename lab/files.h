// Files that a command writes for the user. An empty name means: not wanted.
#pragma once

#include <string>

namespace tamari::lab {

// Before the first sample: a file that could not be written at the end must not cost the samples.
// A CommandError; a file that was not there is not left behind.
void require_writable(const std::string& file);

// Whoever reads the file sees the text before or the new text, whole, whenever this process ends. A
// CommandError if it cannot be written.
void write_atomically(const std::string& file, const std::string& text);

}  // namespace tamari::lab
