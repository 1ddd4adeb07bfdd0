// A gas in cells: particles move between cells, whose arrays are rebuilt in each step; each
// particle drags a short trail of records behind it; each step lets in more gas, so that the
// working set grows. Momentum and number are conserved and checked.
#include <cstdint>
#include <vector>

#include "bench/check.h"
#include "bench/random.h"
#include "bench/suite/run.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::uint32_t kCellsAcross = 64;
constexpr unsigned kCellShift = 26;  // positions are 32-bit and wrap: the box is a torus
constexpr int kTrail = 4;

struct Mark {
  Mark* next;
  std::uint32_t x;
  std::uint32_t y;
};

struct Particle {
  std::uint32_t x;
  std::uint32_t y;
  std::int32_t vx;
  std::int32_t vy;
  Mark* trail;  // oldest first, kTrail of them
  Mark* newest;
  std::uint64_t bounces;
};

using Cell = std::vector<Particle>;
using Box = std::vector<Cell>;

struct Totals {
  std::uint64_t particles = 0;
  std::int64_t momentum = 0;
  bool operator==(const Totals&) const = default;
};

std::size_t cell_of(const Particle& particle) {
  return (particle.y >> kCellShift) * kCellsAcross + (particle.x >> kCellShift);
}

void leave_mark(Particle& particle) {
  Mark* mark = new Mark{nullptr, particle.x, particle.y};
  particle.newest->next = mark;
  particle.newest = mark;
  Mark* oldest = particle.trail;
  particle.trail = oldest->next;
  delete oldest;
}

Particle new_particle(Random& random) {
  Particle particle{};
  particle.x = static_cast<std::uint32_t>(random.next());
  particle.y = static_cast<std::uint32_t>(random.next());
  particle.vx = static_cast<std::int32_t>(random.below(1U << 25)) - (1 << 24);
  particle.vy = static_cast<std::int32_t>(random.below(1U << 25)) - (1 << 24);
  for (int i = 0; i < kTrail; ++i) {
    Mark* mark = new Mark{nullptr, particle.x, particle.y};
    (particle.trail == nullptr ? particle.trail : particle.newest->next) = mark;
    particle.newest = mark;
  }
  return particle;
}

void inject(Box& box, Random& random, std::uint64_t count, Totals& totals) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const Particle particle = new_particle(random);
    totals.momentum += particle.vx + particle.vy;
    box[cell_of(particle)].push_back(particle);
  }
  totals.particles += count;
}

// Neighbours in a cell exchange velocities, now and then: that keeps the momentum.
void collide(Cell& cell, Random& random) {
  if (cell.size() < 2) return;
  for (std::size_t i = 0; i + 1 < cell.size(); i += 2) {
    if (random.below(8) != 0) continue;
    std::swap(cell[i].vx, cell[i + 1].vx);
    ++cell[i].bounces;
  }
}

Box step(Box& box, Random& random, bool mark) {
  Box next(box.size());
  for (Cell& cell : box) {
    collide(cell, random);
    for (Particle& particle : cell) {
      particle.x += static_cast<std::uint32_t>(particle.vx);
      particle.y += static_cast<std::uint32_t>(particle.vy);
      if (mark) leave_mark(particle);
      next[cell_of(particle)].push_back(particle);
    }
    Cell().swap(cell);
  }
  return next;
}

Totals add_up(const Box& box) {
  Totals totals;
  for (const Cell& cell : box) {
    totals.particles += cell.size();
    for (const Particle& particle : cell) totals.momentum += particle.vx + particle.vy;
  }
  return totals;
}

void empty(Box& box) {
  for (Cell& cell : box) {
    for (const Particle& particle : cell) {
      for (Mark* mark = particle.trail; mark != nullptr;) {
        Mark* next = mark->next;
        delete mark;
        mark = next;
      }
    }
  }
  Box().swap(box);
}

}  // namespace

void simulation(Run& run) {
  constexpr std::uint64_t kSteps = 100;
  const std::uint64_t arriving = run.scaled(5000);
  Random random(run.seed());
  Totals totals;
  std::uint64_t moves = 0;
  Box box(std::size_t{kCellsAcross} * kCellsAcross);
  for (std::uint64_t i = 0; i < kSteps; ++i) {
    inject(box, random, arriving, totals);
    box = step(box, random, i % 4 == 0);
    moves += totals.particles;
  }
  require(add_up(box) == totals, "particles and momentum are conserved");
  empty(box);
  run.finish(moves, totals.particles + static_cast<std::uint64_t>(totals.momentum));
}

}  // namespace tamari::bench
