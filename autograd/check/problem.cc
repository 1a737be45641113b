#include "autograd/check/problem.h"

#include <fmt/core.h>

#include <algorithm>

#include "autograd/graph/evaluate.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/ops/handles.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::check {

using namespace internal;

std::vector<Feed> Problem::feeds() const {
  std::vector<Feed> result;
  for (std::size_t i = 0; i < inputs.size(); ++i) result.push_back({inputs[i], point[i]});
  return result;
}

Problem problem_of(const Function& f, const std::vector<Tensor>& inputs) {
  if (!f) throw Error("gradcheck: the function is empty");
  if (inputs.empty()) throw Error("gradcheck: there is nothing to vary: no inputs were given");
  Problem p;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool real = is_real(inputs[i].dtype());
    p.point.push_back(real ? inputs[i].cast(DType::kF64) : inputs[i]);
    p.inputs.push_back(input(inputs[i].shape(), p.point[i].dtype()));
    if (!real) continue;
    p.variables.push_back(p.inputs[i]);
    p.names.push_back(fmt::format("input {}", i));
  }
  p.y = f(p.inputs);
  if (!p.y.defined()) throw Error("gradcheck: the function gave an empty Var");
  return p;
}

Problem problem_of(const Var& loss, const std::vector<Var>& variables,
                   const std::vector<Feed>& feeds) {
  std::vector<Var> all = {loss};
  all.insert(all.end(), variables.begin(), variables.end());
  for (const Feed& feed : feeds) all.push_back(feed.input);
  const std::vector<Var> lifted = cast_graph(all, DType::kF64);
  const auto first_feed = lifted.end() - static_cast<std::ptrdiff_t>(feeds.size());
  std::vector<Feed> lifted_feeds;
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    const Tensor& value = feeds[i].value;
    lifted_feeds.push_back({first_feed[static_cast<std::ptrdiff_t>(i)],
                            is_real(value.dtype()) ? value.cast(DType::kF64) : value});
  }
  const std::vector<Var> from(lifted.begin() + 1, first_feed);
  const std::vector<Tensor> point = evaluate(from, lifted_feeds);
  Problem p;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!is_real(from[i].dtype())) {
      throw Error(fmt::format("gradcheck: only f32 and f64 have derivatives: variable {} is {}", i,
                              name_of(from[i].dtype())));
    }
    p.inputs.push_back(input(from[i].shape(), DType::kF64));
    p.point.push_back(point[i]);
    const std::string& label = variables[i].label();
    p.names.push_back(!label.empty()
                          ? label
                          : fmt::format("{} {}", is_leaf(from[i]) ? from[i].op().name : "node", i));
  }
  p.variables = p.inputs;
  p.y = substitute(lifted[0], from, p.inputs);
  for (const Feed& feed : lifted_feeds) {
    if (std::any_of(from.begin(), from.end(), [&](const Var& x) { return x.same(feed.input); })) {
      continue;
    }
    p.inputs.push_back(feed.input);
    p.point.push_back(feed.value);
  }
  return p;
}

std::vector<Var> stops_of(const Problem& problem) {
  const std::vector<Var> order = ancestors({problem.y});
  const std::vector<bool> moves = depends_on(order, problem.variables);
  std::vector<Var> stops;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (moves[i] && &order[i].op() == &stop_gradient_op) stops.push_back(order[i]);
  }
  return stops;
}

Var held_at(const Problem& problem, const Var& scalar, const std::vector<Var>& stops) {
  std::vector<Var> values;
  for (const Tensor& value : evaluate(stops, problem.feeds())) values.push_back(constant(value));
  return substitute(scalar, stops, values);
}

}  // namespace hourglass::check
