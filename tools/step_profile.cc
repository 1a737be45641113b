#include "tools/step_profile.h"

#include "autograd/transform/transform.h"
#include "nn/train/player.h"

namespace hourglass::tools {

Profile profile_step(StepGraph graph, const nn::TrainOptions& options, const nn::Batch& inputs,
                     const std::vector<Tensor>& batch, int runs) {
  std::vector<Var> gradients = grad(graph.objective.loss, graph.parameters);
  if (options.clip_norm > 0) gradients = nn::clip_by_norm(gradients, options.clip_norm);
  nn::Optimizer optimizer(options.optimizer);
  optimizer.update(graph.step, graph.parameters, gradients, options.learning_rate);
  CompileOptions compiling{.inputs = inputs};
  for (const nn::Term& term : graph.objective.terms) compiling.watch.push_back(term.value);
  Program program = compile(graph.step, {graph.objective.loss}, compiling);
  return program.profile(batch, runs);
}

}  // namespace hourglass::tools
