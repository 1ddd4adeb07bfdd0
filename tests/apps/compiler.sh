#!/bin/bash
# g++ and clang++: a file heavy in templates gives the same object file.
. "$(dirname "$0")/common.sh"
need g++ clang++

work() {
  cat >heavy.cpp <<'CPP'
#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

template <int N>
struct Chain {
  std::map<std::string, std::vector<std::tuple<int, std::string>>> map;
  Chain<N - 1> rest;
  int sum() const { return static_cast<int>(map.size()) + N + rest.sum(); }
};
template <>
struct Chain<0> {
  int sum() const { return 0; }
};

template <typename... T>
int visit_all(const std::vector<std::variant<T...>>& items) {
  int total = 0;
  for (const auto& item : items) {
    total += std::visit([](const auto& value) { return static_cast<int>(sizeof value); }, item);
  }
  return total;
}

int heavy(const std::string& text) {
  std::unordered_map<std::string, std::function<int(int)>> table;
  table[text + text] = [](int i) { return i + 1; };
  return Chain<50>().sum() + visit_all<int, double, std::string, std::vector<int>>({1, 2.0, text}) +
         static_cast<int>(table.size());
}
CPP
  g++ -std=c++17 -O2 -pipe -c heavy.cpp -o heavy.gcc.o
  clang++ -std=c++17 -O1 -c heavy.cpp -o heavy.clang.o
  sha256sum heavy.*.o
}

compare
