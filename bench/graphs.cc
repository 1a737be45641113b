// What graphs of many nodes cost before anything runs: seconds of a core (user time) of grad and of
// compile (outputs: the sum and its gradient), and the most memory meanwhile.

#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/compile/program.h"
#include "autograd/graph/graph.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "bench/common/main.h"
#include "bench/common/process.h"
#include "tensor/error.h"
#include "tensor/machine.h"

namespace hourglass::bench {
namespace {

struct Problem {
  Var y;  // a scalar
  std::vector<Var> xs;
};

Var weight() { return parameter(Tensor::full(Shape{8, 8}, 0.1)); }

// x <- tanh(x) * w, deep and narrow.
Problem chain(std::int64_t nodes) {
  const Var x = weight(), w = weight();
  Var y = x;
  for (std::int64_t i = 0; i < nodes / 2; ++i) y = tanh(y) * w;
  return {sum(y), {x, w}};
}

// x <- tanh(x w) + b, an unrolled net of tied weights.
Problem net(std::int64_t nodes) {
  const Var x = weight(), w = weight(), b = weight();
  Var y = x;
  for (std::int64_t i = 0; i < nodes / 3; ++i) y = tanh(matmul(y, w)) + b;
  return {sum(y), {x, w, b}};
}

// sin(x) + sin(2 x) + ..., half as many terms as nodes, summed in pairs: every term reads x.
Problem wide(std::int64_t nodes) {
  const Var x = weight();
  std::vector<Var> terms;
  for (std::int64_t k = 1; k <= nodes / 2; ++k) terms.push_back(sin(x * static_cast<double>(k)));
  while (terms.size() > 1) {
    std::vector<Var> sums;
    for (std::size_t i = 0; i + 1 < terms.size(); i += 2) sums.push_back(terms[i] + terms[i + 1]);
    if (terms.size() % 2 == 1) sums.push_back(terms.back());
    terms = std::move(sums);
  }
  return {sum(terms[0]), {x}};
}

struct Entry {
  std::string_view name;
  Problem (*make)(std::int64_t nodes);
};
constexpr std::array<Entry, 3> kShapes = {{{"chain", chain}, {"net", net}, {"wide", wide}}};

const Entry& find_entry(const std::string& name) {
  for (const Entry& entry : kShapes) {
    if (entry.name == name) return entry;
  }
  throw Error(fmt::format("graphs: there is no shape named {}: expected chain, net or wide", name));
}

void measure(const Entry& shape, std::int64_t nodes) {
  reset_peak_memory();
  const Problem problem = shape.make(nodes);
  const double start = user_seconds();
  std::vector<Var> outputs = grad(problem.y, problem.xs);
  const double between = user_seconds();
  outputs.push_back(problem.y);
  const Program program = compile(outputs);
  const double end = user_seconds();
  fmt::print("{:6} {:8} {:8} {:8.2f} {:8.2f} {:8.2f} {:8.0f}\n", shape.name, nodes,
             ancestors(outputs).size(), between - start, end - between, end - start,
             static_cast<double>(peak_memory()) / 1e6);
}

struct Arguments {
  std::vector<std::string> names;
  std::vector<std::int64_t> sizes = {10'000, 100'000};
};

void run(const Arguments& a) {
  std::vector<Entry> shapes;
  for (const std::string& name : a.names) shapes.push_back(find_entry(name));
  for (const std::int64_t nodes : a.sizes) check_range("nodes", nodes, 10, 10'000'000);
  if (shapes.empty()) shapes.assign(kShapes.begin(), kShapes.end());
  fmt::print("{}\n{:6} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}\n", cpu_name(), "shape", "nodes",
             "with grad", "grad, s", "compile", "both", "MB");
  for (const Entry& shape : shapes) {
    for (const std::int64_t nodes : a.sizes) measure(shape, nodes);
  }
}

std::function<void()> add_options(const tools::Command& program) {
  const auto a = std::make_shared<Arguments>();
  program.add_option("shapes", a->names, "Shapes; all when there are none");
  program.add_option("--nodes", a->sizes, "Nodes before the gradient");
  return [a] { run(*a); };
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "graphs",
       .about = "Times grad and compile of graphs of many nodes: chain, net, wide."},
      argc, argv, hourglass::bench::add_options);
}
