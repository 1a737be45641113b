#include "autograd/compile/program.h"
#include "tensor/error.h"

namespace hourglass {

ProgramByShape::ProgramByShape(std::function<Graph(const std::vector<Var>&)> f)
    : f_(std::move(f)) {}

const std::vector<Tensor>& ProgramByShape::run(std::span<const Tensor> inputs) {
  std::vector<Shape> shapes;
  std::vector<DType> dtypes;
  for (const Tensor& x : inputs) {
    shapes.push_back(x.shape());
    dtypes.push_back(x.dtype());
  }
  for (Kept& kept : kept_) {
    if (kept.shapes == shapes && kept.dtypes == dtypes) return kept.program.run(inputs);
  }
  std::vector<Var> vars;
  for (const Tensor& x : inputs) vars.push_back(input(x.shape(), x.dtype()));
  Graph graph = f_(vars);
  graph.options.inputs = vars;
  Program program = compile(graph.outputs, std::move(graph.options));
  kept_.push_back({std::move(shapes), std::move(dtypes), std::move(program)});
  return kept_.back().program.run(inputs);
}

const std::vector<Tensor>& ProgramByShape::run(std::initializer_list<Tensor> inputs) {
  return run(std::span<const Tensor>(inputs.begin(), inputs.size()));
}

ProgramByShape compile_by_shape(std::function<Graph(const std::vector<Var>& inputs)> f) {
  if (!f) throw Error("compile_by_shape: the function is empty");
  return ProgramByShape(std::move(f));
}

}  // namespace hourglass
