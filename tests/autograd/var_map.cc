#include "autograd/graph/var_map.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

namespace hourglass {
namespace {

std::vector<Var> scalars(int n) {
  std::vector<Var> nodes;
  for (int i = 0; i < n; ++i) nodes.push_back(constant(i));
  return nodes;
}

TEST_CASE("a set of nodes numbers its members in the order in which they came in") {
  const std::vector<Var> nodes = scalars(1000);
  VarSet set;
  CHECK(!set.contains(nodes[0]));
  for (std::size_t i = nodes.size(); i-- > 0;) CHECK(set.insert(nodes[i]));
  for (std::size_t i = 0; i < nodes.size(); ++i) CHECK(set.find(nodes[i]) == nodes.size() - 1 - i);
  CHECK(!set.insert(nodes[3]));
  CHECK(set.size() == nodes.size());
  CHECK(set.find(constant(3)) == VarSet::kNone);  // equal numbers, another node
}

TEST_CASE("members far apart in the order of making are found too") {
  std::vector<Var> nodes;
  for (int i = 0; i < 500; ++i) {
    nodes.push_back(constant(i));
    scalars(i % 7 == 0 ? 64 : 1);
  }
  const VarSet set(nodes);
  for (std::size_t i = 0; i < nodes.size(); ++i) CHECK(set.find(nodes[i]) == i);
}

TEST_CASE("a map of nodes keeps the first value inserted and changes the one it is shown") {
  const std::vector<Var> nodes = scalars(100);
  VarMap<int> map;
  for (int i = 0; i < 100; ++i) CHECK(map.insert(nodes[static_cast<std::size_t>(i)], i));
  CHECK(!map.insert(nodes[7], 70));
  CHECK(map.at(nodes[7]) == 7);
  map[nodes[7]] += 1;
  CHECK(*map.find(nodes[7]) == 8);
  const Var other = constant(0);
  CHECK(map.find(other) == nullptr);
  CHECK_THROWS_AS(map.at(other), std::out_of_range);
  CHECK(map[other] == 0);
  CHECK(map.size() == 101);
}

}  // namespace
}  // namespace hourglass
