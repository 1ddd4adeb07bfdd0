// What the compilers under test compile: a chain of templates, DEPTH links long, over the standard
// library's heavier parts.
#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

#ifndef DEPTH
#define DEPTH 10
#endif

template <int N>
struct Tag {
  int value = N;
};

template <int N>
struct Chain {
  std::map<std::string, std::vector<std::tuple<int, std::string, Tag<N>>>> map;
  std::function<int(const Tag<N>&)> function;
  Chain<N - 1> rest;

  int sum() const {
    int total = static_cast<int>(map.size()) + rest.sum();
    for (const auto& [name, items] : map) {
      total += std::get<2>(items.front()).value + static_cast<int>(name.size());
    }
    return function ? total + function(Tag<N>{}) : total;
  }
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

int work(const std::string& text) {
  std::unordered_map<std::string, std::function<int(int)>> table;
  table[text] = [](int i) { return i + 1; };
  const std::regex words("([a-z]+)-([0-9]+)");
  const Chain<DEPTH> chain;
  return chain.sum() + visit_all<int, double, std::string, std::vector<int>>({1, 2.0, text}) +
         static_cast<int>(table.size()) + (std::regex_match(text, words) ? 1 : 0);
}
