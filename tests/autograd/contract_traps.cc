#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autograd/graph/graph.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/contract/contract.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/transform.h"
#include "tests/autograd/contract_support.h"
#include "tests/autograd/support.h"

// What a contraction normal form can get wrong, each in its smallest case.

namespace hourglass {
namespace {

using namespace testing;

const DenseLayer kTanh = {[](const Var& z) { return tanh(z); }};
const DenseLayer kSigmoid = {[](const Var& z) { return sigmoid(z); }};

TEST_CASE("replacements that name each other through shared nodes do not make a cycle") {
  for (const std::int64_t n : {2, 3, 8}) {
    AutoencoderGraph model = one_layer(4, n, n, kF64, {kTanh.activation, false});
    model.h = model.x + model.h;
    const Var j = batch_jacobian(model.h, model.x);
    check_values(with_penalty(model, sum(square(j))));
    check_values(with_penalty(model, sum(square(j)) + sum(j) + sum(abs(matmul(j, j)))));
  }
}

TEST_CASE("a sum is cut where it is made, not at the broadcast above it") {
  const AutoencoderGraph model = one_layer(7, 3, 50, kF32, kTanh);  // 1 - y^2 under vmap
  CHECK(graph_cost(engine(with_penalty(model, contractive(model)))).largest_buffer <= 7 * 50);
}

TEST_CASE("a squared difference of nearly equal Jacobians is not expanded") {
  const AutoencoderGraph model = one_layer(5, 6, 4, kF64, kSigmoid);
  const Var near = model.x + 1e-7;
  const Var h = sigmoid(matmul(near, model.parameters[0], false, true) + model.parameters[1]);
  const Var loss = sum(square(batch_jacobian(model.h, model.x) - batch_jacobian(h, near)));
  const double expected = evaluate({loss})[0].item();
  const double got = evaluate(simplify({loss}))[0].item();
  CHECK(expected > 0);
  CHECK(std::abs(got - expected) / expected < 1e-8);
}

// |u W|^2 summed over the rows of u, each in the null space of W.
Var norm_in_null_space() {
  const Tensor w = random_tensor(Shape{2, 64}, 1);
  const Var both = concat({parameter(w), parameter(w)}, 0);  // [4, 64], its lower half the same
  const Var u = random_parameter(Shape{100, 2}, 2);
  return sum(square(matmul(concat({u, -u}, 1), both)));
}

TEST_CASE("the Gram order is not taken below a square root") {
  const Var y = norm_in_null_space();
  const Var gram = simplify({y})[0], root = simplify({sqrt(y)})[0];
  CHECK(graph_cost({gram}).multiply_adds < graph_cost({root}).multiply_adds / 2);
  CHECK(std::abs(gram.value().item()) < 1e-10);
  CHECK(root.value().item() < 1e-12);  // not NaN
  CHECK(graph_cost({simplify({y, sqrt(y)})[0]}).multiply_adds ==
        doctest::Approx(graph_cost({root}).multiply_adds).epsilon(1e-3));
}

TEST_CASE("the Gram order is taken below a mean, which divides, and not in a divisor") {
  const Var y = norm_in_null_space(), root = simplify({sqrt(y)})[0];
  CHECK(graph_cost({simplify({y / 7})[0]}).multiply_adds < graph_cost({root}).multiply_adds / 2);
  CHECK(graph_cost({simplify({1 / y})[0]}).multiply_adds ==
        doctest::Approx(graph_cost({root}).multiply_adds).epsilon(1e-3));
}

// v[b, k] W[k, d] and its copy v[b, k'] W[k', d], summed over everything.
contract::Network twins(double b, double k, double d) {
  contract::Network network;
  network.sizes = {b, k, k, d};
  network.tensors = {0b0011, 0b1010, 0b0101, 0b1100};
  network.twins = {2, 3, 0, 1};
  network.mirrored = 0b0110;
  return network;
}

TEST_CASE("twins that meet with a mirrored label open are a Gram, too: W against W'") {
  const contract::Network network = twins(100, 4, 64);
  const contract::Order pass = contract::order(network, contract::Gram::kNever);
  // v W once, [b, d], then its square, summed.
  CHECK(pass.cost == 100 * 4 * 64 + 100 * 64);
  CHECK(pass.joins.size() == 2);
  CHECK(pass.joins[1].left == pass.joins[1].right);
  const contract::Order gram = contract::order(network, contract::Gram::kWhereItHalves);
  CHECK(gram.cost == 100 * 4 * 4 + 4 * 4 * 64 + 4 * 4);
  // Not where it saves less than half.
  CHECK(contract::order(twins(100, 40, 64), contract::Gram::kWhereItHalves).cost ==
        100 * 40 * 64 + 100 * 64);
}

TEST_CASE("an interior node that is asked for is not replaced") {
  const AutoencoderGraph model = one_layer(3, 5, 4, kF64, kSigmoid);
  const Var j = batch_jacobian(model.h, model.x);
  CHECK(distance(grad(sum(square(j)), j), 2 * j) < 1e-15);
  const Var w = model.parameters[0];
  const std::vector<Var> g = grad(sum(square(j)) + sum(model.h), {w, j});
  CHECK(distance(g[1], 2 * j) < 1e-15);
  CHECK(distance(g[0], vjp(sum(square(j)) + sum(model.h), {w}, constant(1, kF64))[0]) < 1e-13);
  // Kept nodes stay the very nodes they were, and so does all below them.
  const Var y = simplify({sum(square(j))}, {j})[0];
  const std::vector<Var> nodes = ancestors({y});
  CHECK(depends_on(nodes, {j}).back());
}

TEST_CASE("a derivative is taken of the cheap form, and simplified again") {
  const AutoencoderGraph model = deep(100, {784, 256, 64}, kF32);
  const Case test = with_penalty(model, contractive(model));
  const double both = graph_cost(grad(test.loss, test.parameters)).multiply_adds;
  const double late = graph_cost(simplify(brute(test))).multiply_adds;
  CHECK(both / 1e6 <= 1.1 * 1123);
  CHECK(late > 1.4 * both);
}

TEST_CASE("loss and penalty given one grad share their products") {
  const AutoencoderGraph model = one_layer(100, 784, 256, kF32, kSigmoid);
  const Var penalty = contractive(model) / model.batch;
  const double together = graph_cost(grad(model.mse + penalty, model.parameters)).multiply_adds;
  std::vector<Var> apart = grad(model.mse, model.parameters);
  const std::vector<Var> more = grad(penalty, model.parameters);
  for (std::size_t i = 0; i < apart.size(); ++i) apart[i] = apart[i] + more[i];
  CHECK(together / 1e6 <= 1.1 * 102.5);
  CHECK(graph_cost(apart).multiply_adds > 1.15 * together);
}

// h = v x W as it stands, one unit, so that J = v W exactly.
Var squared_jacobian(double v, const std::vector<double>& w) {
  const Var x = random_parameter(Shape{1, static_cast<std::int64_t>(w.size())}, 1);
  const Var h = matmul(x, reshape_to(parameter(vector_of(w)), {-1, 1})) *
                parameter(Tensor::from<double>({v}, Shape{1, 1}));
  return sum(square(batch_jacobian(h, x)));
}

// Documented (transform.h): factors are squared one by one.
TEST_CASE("squares of factors can leave the range that the square of their product keeps") {
  const Var y = squared_jacobian(1e-170, {1e170, 2e170, 3e170, 4e170, 5e170});
  CHECK(evaluate({y})[0].item() == doctest::Approx(55));
  CHECK(std::isnan(evaluate(simplify({y}))[0].item()));
  const Var usual = squared_jacobian(1e-100, {1e100, 2e100, 3e100});
  CHECK(evaluate(simplify({usual}))[0].item() == doctest::Approx(14));
}

// Documented (transform.h): the zeros of seeds are structural.
TEST_CASE("a NaN in one row of the weights reaches only its own unit's Jacobian") {
  const Var x = random_parameter(Shape{2, 3}, 1);
  Tensor weight = random_tensor(Shape{4, 3}, 2);
  std::vector<double> values = weight.values();
  values[3] = std::numeric_limits<double>::quiet_NaN();  // row 1
  const Var w = parameter(Tensor::from(values, Shape{4, 3}));
  const Var j = batch_jacobian(matmul(x, w, false, true), x);
  const Var norms = sum(square(j), {0, 2});  // [4], one a unit
  const Tensor cheap = evaluate(simplify({norms}))[0];
  const Tensor written = evaluate({norms})[0];
  for (std::int64_t k = 0; k < 4; ++k) {
    CHECK(std::isnan(cheap.at(k)) == (k == 1));
    CHECK(std::isnan(written.at(k)));
  }
}

}  // namespace
}  // namespace hourglass
