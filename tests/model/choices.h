// choices.h - where the executions of a model differ: a tree of choices, walked depth first or at
// random.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace model {

class Choices {
 public:
  // Replays what next() has set up, then takes the first branch everywhere.
  void start() { depth_ = 0; }
  void start_random(uint64_t seed) {
    start();
    path_.clear();
    random_ = true;
    state_ = seed * 0x9E3779B97F4A7C15 + 1;
  }
  void replay() {
    start();
    random_ = false;
  }

  // One of [0, count). `first_share`: how often, in 8, a random walk takes branch 0.
  size_t choose(size_t count, unsigned first_share) {
    if (count == 1) return 0;
    if (depth_ == path_.size() || random_) {
      path_.push_back({random_ ? draw(count, first_share) : 0, count});
      depth_ = path_.size() - 1;
    }
    return path_[depth_++].taken;
  }

  // Moves to the next path of the tree; false when there is none.
  bool next() {
    path_.resize(depth_);
    while (!path_.empty() && path_.back().taken + 1 == path_.back().count) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().taken;
    return true;
  }

  std::string text() const {
    std::string out;
    for (const Choice& choice : path_) out += std::to_string(choice.taken) + " ";
    return out;
  }

 private:
  struct Choice {
    size_t taken, count;
  };

  uint64_t random() {  // xorshift64*
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1D >> 16;
  }
  size_t draw(size_t count, unsigned first_share) {
    return random() % 8 < first_share ? 0 : random() % count;
  }

  std::vector<Choice> path_;
  size_t depth_ = 0;
  bool random_ = false;
  uint64_t state_ = 1;
};

}  // namespace model
