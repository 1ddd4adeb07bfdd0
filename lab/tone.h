// How a word is meant: every report colours it, and none needs the colour to be understood.
#pragma once

namespace tamari::lab {

enum class Tone { kGood, kBad, kUnsure, kPlain };

// The class of the style sheet that has a tone's colour.
inline const char* css_of(Tone tone) {
  constexpr const char* kClasses[] = {"good", "bad", "unsure", "soft"};
  return kClasses[static_cast<int>(tone)];
}

}  // namespace tamari::lab
