#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <random>

#include "autograd/simplify/contract/contract.h"

// The order of products is a search on sets of labels: it is tested without any tensor.

namespace hourglass::contract {
namespace {

using Bits = std::uint64_t;

double product_of(const Network& network, Bits labels) {
  double product = 1;
  for (std::size_t i = 0; i < network.sizes.size(); ++i) {
    if (labels >> i & 1) product *= network.sizes[i];
  }
  return product;
}

Bits needed_by(const std::vector<Bits>& tensors, std::size_t i, std::size_t j, Bits out) {
  for (std::size_t k = 0; k < tensors.size(); ++k) {
    if (k != i && k != j) out |= tensors[k];
  }
  return out;
}

// The least cost of any sequence of pairs, by trying all of them.
double least_cost(const Network& network, const std::vector<Bits>& tensors) {
  if (tensors.size() == 1) return 0;
  double least = -1;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    for (std::size_t j = i + 1; j < tensors.size(); ++j) {
      std::vector<Bits> rest = tensors;
      rest[i] = (tensors[i] | tensors[j]) & needed_by(tensors, i, j, network.out);
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(j));
      const double cost = product_of(network, tensors[i] | tensors[j]) + least_cost(network, rest);
      if (least < 0 || cost < least) least = cost;
    }
  }
  return least;
}

// What the joins cost, and that each number is used once.
double cost_of(const Network& network, const Order& order) {
  std::vector<Bits> members, values = network.tensors;
  for (std::size_t i = 0; i < values.size(); ++i) members.push_back(Bits{1} << i);
  const auto mirror_image = [&](Bits set) {
    Bits image = 0;
    for (; set != 0; set &= set - 1) {
      image |= Bits{1} << network.twins[static_cast<std::size_t>(std::countr_zero(set))];
    }
    return image;
  };
  const auto open = [&](Bits set) {
    Bits inside = 0, outside = network.out;
    for (std::size_t i = 0; i < network.tensors.size(); ++i) {
      (set >> i & 1 ? inside : outside) |= network.tensors[i];
    }
    return inside & outside;
  };
  double cost = 0;
  for (const Join& join : order.joins) {
    const Bits left = members[static_cast<std::size_t>(join.left)];
    const Bits right = join.left == join.right ? mirror_image(left)
                                               : members[static_cast<std::size_t>(join.right)];
    CHECK((left & right) == 0);
    cost += product_of(network, open(left) | open(right));
    members.push_back(left | right);
  }
  CHECK(members.back() == (Bits{1} << network.tensors.size()) - 1);
  return cost;
}

Network random_network(std::mt19937& random, std::size_t tensors, std::size_t labels) {
  const auto below = [&](std::size_t n) { return random() % n; };
  Network network;
  for (std::size_t i = 0; i < labels; ++i) {
    network.sizes.push_back(static_cast<double>(2 + below(7)));
  }
  for (std::size_t i = 0; i < tensors; ++i) {
    Bits bits = 0;
    for (std::size_t k = 1 + below(3); k > 0; --k) bits |= Bits{1} << below(labels);
    network.tensors.push_back(bits);
  }
  network.twins.assign(tensors, -1);
  network.out = random() & ((Bits{1} << labels) - 1) & random();
  // A label that one tensor alone carries is summed inside it before the search.
  for (std::size_t i = 0; i < tensors; ++i) {
    network.tensors[i] &= needed_by(network.tensors, i, i, network.out);
  }
  return network;
}

TEST_CASE("the order of a few products is the cheapest of all orders") {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    const Network network = random_network(random, 2 + random() % 5, 2 + random() % 5);
    const Order found = order(network, Gram::kNever);
    CHECK(found.cost == doctest::Approx(least_cost(network, network.tensors)));
    CHECK(found.cost == doctest::Approx(cost_of(network, found)));
  }
}

TEST_CASE("many products are multiplied once each, cheaper than in the order they stand in") {
  std::mt19937 random(2);
  for (int i = 0; i < 100; ++i) {
    const Network network = random_network(random, 10 + random() % 20, 6);
    const Order found = order(network, Gram::kNever);
    CHECK(found.joins.size() == network.tensors.size() - 1);
    CHECK(found.cost == doctest::Approx(cost_of(network, found)));
  }
}

// A chain of matrices, doubled: the square of its product, summed.
Network doubled_chain(const std::vector<double>& sizes) {
  Network network;
  const std::size_t n = sizes.size() - 1;  // matrices; labels: ends shared, inner ones twice
  network.sizes = {sizes.front(), sizes.back()};
  std::vector<std::size_t> first = {0}, second = {0};
  for (std::size_t i = 1; i < n; ++i) {
    first.push_back(network.sizes.size());
    second.push_back(network.sizes.size() + 1);
    network.mirrored |= Bits{3} << network.sizes.size();
    network.sizes.insert(network.sizes.end(), 2, sizes[i]);
  }
  first.push_back(1);
  second.push_back(1);
  for (const auto& labels : {first, second}) {
    for (std::size_t i = 0; i < n; ++i) {
      network.tensors.push_back(Bits{1} << labels[i] | Bits{1} << labels[i + 1]);
    }
  }
  for (std::size_t i = 0; i < 2 * n; ++i) {
    network.twins.push_back(static_cast<int>(i < n ? i + n : i - n));
  }
  return network;
}

TEST_CASE("the copies of a doubling meet whole, and each is computed once") {
  for (const std::size_t n : {2u, 3u, 4u, 5u, 6u, 8u}) {
    CAPTURE(n);
    const Network network = doubled_chain(std::vector<double>(n + 1, 7));
    const Order pass = order(network, Gram::kNever);
    // n - 1 products of matrices, one square, whose sum comes with it.
    CHECK(pass.cost == static_cast<double>(n - 1) * 343 + 49);
    CHECK(pass.joins.back().left == pass.joins.back().right);
    CHECK(order(network, Gram::kWhereItHalves).cost ==
          pass.cost);  // a Gram would save less than half
  }
  // A narrow waist and long ends: the Gram matrices of the ends are small.
  const Network waist = doubled_chain({500, 3, 500});
  CHECK(order(waist, Gram::kNever).cost == 500 * 3 * 500 + 500 * 500);
  CHECK(order(waist, Gram::kWhereItHalves).cost == 2 * 500 * 9 + 9);
  const Network longer = doubled_chain({500, 3, 4, 4, 4, 3, 500});
  CHECK(order(longer, Gram::kWhereItHalves).cost < order(longer, Gram::kNever).cost / 10);
}

// One term of a Laplacian: the square of a chain from d to k, times c[k] and what k is sent back
// through the layers above, V[k,l] W[l,m] u[m].
TEST_CASE("below a trace what no copy shares is multiplied out first, each tensor once") {
  Network network = doubled_chain({3, 20, 20, 20});
  const auto d = Bits{1}, k = Bits{2}, l = Bits{1} << network.sizes.size(), m = l << 1;
  network.sizes.insert(network.sizes.end(), {20, 20});
  network.tensors.insert(network.tensors.end(), {k, k | l, l | m, m});
  network.twins.insert(network.twins.end(), 4, -1);
  const Order found = order_below_trace(network);
  CHECK(cost_of(network, found) == doctest::Approx(found.cost));
  REQUIRE(found.joins.size() >= 3);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(found.joins[i].left >= 7);
    CHECK(found.joins[i].right >= 7);
  }
  // Not where they are much dearer so: nothing then is shared.
  Network wide = network;
  wide.sizes[1] = 1;
  wide.tensors.back() = m | d;
  CHECK(order_below_trace(wide).cost <= 1.2 * order(wide, Gram::kWhereItIsLess).cost);
}

}  // namespace
}  // namespace hourglass::contract
