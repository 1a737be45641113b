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

TEST_CASE("an index of nodes numbers them in the order in which they came in") {
  const std::vector<Var> nodes = scalars(1000);
  VarIndex index;
  CHECK(!index.contains(nodes[0]));
  for (std::size_t i = nodes.size(); i-- > 0;) CHECK(index.add(nodes[i]).second);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    CHECK(index.find(nodes[i]) == nodes.size() - 1 - i);
  }
  CHECK(!index.add(nodes[3]).second);
  CHECK(index.find(constant(3)) == VarIndex::kNone);  // equal numbers, another node
}

TEST_CASE("a set has the nodes that came in, each once") {
  const std::vector<Var> nodes = scalars(1000);
  VarSet set;
  CHECK(!set.contains(nodes[0]));
  for (std::size_t i = nodes.size(); i-- > 0; i -= i > 0) CHECK(set.insert(nodes[i]));
  for (std::size_t i = 0; i < nodes.size(); ++i) CHECK(set.contains(nodes[i]) == (i % 2 == 1));
  CHECK(!set.insert(nodes[3]));
  CHECK(set.size() == nodes.size() / 2);
}

TEST_CASE("nodes far apart in the order of making are found too") {
  std::vector<Var> nodes;
  for (int i = 0; i < 500; ++i) {
    nodes.push_back(constant(i));
    scalars(i % 7 == 0 ? 64 : 1);
    if (i % 50 == 0) scalars(5000);
  }
  const VarSet set(nodes);
  VarIndex index;
  for (std::size_t i = 0; i < nodes.size(); ++i) CHECK(index.add(nodes[i]).first == i);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    CHECK(set.contains(nodes[i]));
    CHECK(index.find(nodes[i]) == i);
  }
  CHECK(!set.contains(constant(0)));
  CHECK(set.size() == nodes.size());
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
