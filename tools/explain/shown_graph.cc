#include "tools/explain/shown_graph.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "autograd/graph/attributes.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/graph/var_map.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/by_rules.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

namespace hourglass::tools {
namespace {

// A number a node, the same for those that compute the same of the same leaves: a graph and one that
// was derived of it need not share their nodes.
class Twins {
 public:
  std::size_t of(const Var& x) {
    for (const Var& node : ancestors({x})) {
      if (numbers_.contains(node)) continue;
      const auto [at, is_new] = known_.emplace(text_of(node), known_.size());
      numbers_[node] = at->second;
    }
    return numbers_.at(x);
  }

 private:
  std::string text_of(const Var& node) const {
    if (is_constant(node) && node.rank() == 0) return fmt::format("{}", node.tensor().item());
    if (is_leaf(node)) return fmt::format("leaf {}", node.id());
    std::string text = fmt::format("{} {}", node.op().name, to_string(node.attributes()));
    for (const Var& input : node.inputs()) text += fmt::format(" {}", numbers_.at(input));
    return text;
  }

  VarMap<std::size_t> numbers_;
  std::map<std::string, std::size_t> known_;
};

// The engine's gradient, or what the rules of the ops alone make of it, each in a scope of its own.
std::vector<Var> gradient(const ExplainArguments& a, const Var& y, const std::vector<Var>& xs) {
  return a.unsimplified ? vjp_by_rules(y, xs, constant(1, y.dtype())) : grad(y, xs);
}

bool is_real(const Var& x) { return x.dtype() == DType::kF32 || x.dtype() == DType::kF64; }

// "d loss / d %8" on what is that in the graph. Each is derived by itself, so that the graph stays
// what it is without it.
void name_inner_gradients(const ExplainArguments& a, const std::string& what, const Var& loss,
                          const ShownGraph& shown) {
  Twins twins;
  std::map<std::size_t, std::pair<std::string, Var>> nodes;
  for (const auto& [name, node] : names_in_text(shown.outputs)) {
    nodes.emplace(twins.of(node), std::pair(name, node));
  }
  std::vector<Var> forward = ancestors({loss});
  std::reverse(forward.begin(), forward.end());  // of several with one gradient the last
  for (const Var& inner : forward) {
    const auto found = nodes.find(twins.of(inner));
    if (found == nodes.end() || is_leaf(inner) || !is_real(inner) || inner.same(loss)) continue;
    const auto at = nodes.find(twins.of(gradient(a, loss, {inner})[0]));
    if (at == nodes.end() || !at->second.second.label().empty()) continue;
    const Var& node = found->second.second;
    at->second.second.named("d " + what + " / d " +
                            (node.label().empty() ? found->second.first : node.label()));
  }
}

// Those of a graph that the loss is made of.
std::vector<Var> forward_of(const std::vector<Var>& outputs, const Var& loss) {
  Twins twins;
  twins.of(loss);
  std::map<std::size_t, bool> is_forward;
  for (const Var& node : ancestors({loss})) is_forward[twins.of(node)] = true;
  std::vector<Var> forward;
  for (const Var& node : ancestors(outputs)) {
    if (is_forward.contains(twins.of(node))) forward.push_back(node);
  }
  return forward;
}

void name_gradients(const ExplainArguments& a, const std::vector<Var>& gradients,
                    const std::vector<Var>& parameters) {
  const std::string what = a.term.empty() ? "loss" : a.term;
  const std::string of = a.second ? "d |gradient|^2 / d " : "d " + what + " / d ";
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    // A gradient of zero may be one node for several parameters.
    if (gradients[i].label().empty()) gradients[i].named(of + parameters[i].label());
  }
}

}  // namespace

ShownGraph shown_graph(const ExplainArguments& a, Explained& e) {
  const Var loss = chosen_term(e.objective, a.term);
  const std::vector<Var> parameters = e.model.parameters();
  if (!a.backward && !a.second) return {{loss}, ancestors({loss})};
  const Var cheap = a.unsimplified ? loss : simplify({loss}, parameters)[0];
  ShownGraph shown{gradient(a, loss, parameters), {}};
  if (a.second) {
    // The gradient of a function of the gradient: what a penalty on it would be trained by.
    Var norm = constant(0);
    for (const Var& g : shown.outputs) norm = norm + sum(square(g));
    shown.outputs = gradient(a, norm, parameters);
  }
  name_gradients(a, shown.outputs, parameters);
  if (!a.unsimplified) shown.outputs = simplify(shown.outputs);
  shown.forward = forward_of(shown.outputs, cheap);
  const bool lines = a.every_node || !e.feeds.empty();
  if (lines && !a.second) {
    name_inner_gradients(a, a.term.empty() ? "loss" : a.term, cheap, shown);
  }
  return shown;
}

GraphPicture shown_picture(const ExplainArguments& a, const ShownGraph& shown,
                           const PrintOptions& options) {
  PrintOptions unfolded = options;
  unfolded.fold = options.fold && !options.numbers;
  GraphPicture picture = picture_of(shown.outputs, unfolded);
  const VarSet forward(shown.forward);
  for (GraphPicture::Box& box : picture.boxes) box.backward = !forward.contains(box.nodes[0]);
  if (a.backward || a.second || !options.numbers) return picture;
  std::vector<Var> nodes;
  std::vector<GraphPicture::Box*> boxes;
  for (GraphPicture::Box& box : picture.boxes) {
    if (!is_real(box.nodes[0]) || is_input(box.nodes[0])) continue;
    nodes.push_back(box.nodes[0]);
    boxes.push_back(&box);
  }
  const Var& loss = shown.outputs[0];
  const std::vector<Tensor> gradients =
      evaluate(vjp(loss, nodes, constant(1, loss.dtype())), options.feeds);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    boxes[i]->gradient = "d " + short_numbers(gradients[i], options.digits);
  }
  return picture;
}

}  // namespace hourglass::tools
