#include <algorithm>
#include <limits>
#include <numeric>

#include "autograd/certificate/columns.h"
#include "autograd/check/random.h"
#include "autograd/compile/program.h"
#include "autograd/graph/evaluate.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"

namespace hourglass::check {
namespace {

constexpr std::int64_t kSlices = 3;

Tensor stacked(const std::vector<Tensor>& slices) {
  std::vector<double> values;
  for (const Tensor& slice : slices) {
    const std::vector<double> more = slice.values();
    values.insert(values.end(), more.begin(), more.end());
  }
  const auto count = static_cast<std::int64_t>(slices.size());
  return Tensor::from(values, slices[0].shape().with_axis(0, count)).cast(slices[0].dtype());
}

// Which inputs are batched: every choice for up to three inputs, else each alone and all.
std::vector<std::vector<bool>> choices(std::size_t inputs) {
  std::vector<std::vector<bool>> result;
  for (std::uint64_t bits = 1; bits < (std::uint64_t{1} << inputs); ++bits) {
    std::vector<bool> choice;
    for (std::size_t i = 0; i < inputs; ++i) choice.push_back((bits >> i) & 1);
    const auto chosen = std::count(choice.begin(), choice.end(), true);
    if (inputs <= 3 || chosen == 1 || chosen == static_cast<std::ptrdiff_t>(inputs)) {
      result.push_back(choice);
    }
  }
  return result;
}

// Appends the gradients of the lifted graph itself, which a batching rule may have cut, for the
// batches of varied inputs. Gives the output that each lifted one must equal slice by slice: the
// gradient of a sum over slices is, slice by slice, the gradient of the slice.
std::vector<std::size_t> add_gradients(const Built& built, std::vector<Var>& lifted,
                                       const std::vector<bool>& chosen,
                                       const std::vector<Var>& batches, std::uint64_t seed) {
  std::vector<std::size_t> matched(lifted.size());
  std::iota(matched.begin(), matched.end(), 0);
  if (lifted.size() == 1) return matched;  // no gradients are asked for
  Random random(seed);                     // as in value_and_gradients
  const Var y = lifted[0];
  const Var weights = constant(random.weights(built.y.shape()));
  const Var total = sum(y * broadcast_to(weights, y.shape()));
  std::size_t batch = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (!chosen[i]) continue;
    const auto varied = std::find(built.varied.begin(), built.varied.end(), i);
    if (varied != built.varied.end()) {
      lifted.push_back(grad(total, batches[batch]));
      matched.push_back(1 + static_cast<std::size_t>(varied - built.varied.begin()));
    }
    ++batch;
  }
  return matched;
}

// The outputs by vmap over the chosen inputs against a loop that evaluates them slice by slice.
double choice_error(const Built& built, const std::vector<Var>& outputs,
                    const std::vector<bool>& chosen, std::uint64_t seed) {
  std::vector<Var> xs, batches;
  std::vector<Feed> shared, all;
  std::vector<std::vector<Feed>> feeds(kSlices);
  for (std::size_t i = 0; i < built.inputs.size(); ++i) {
    const Var& x = built.inputs[i];
    if (!chosen[i]) {
      shared.push_back({x, built.numbers[i]});
      continue;
    }
    std::vector<Tensor> slices;
    for (std::uint64_t k = 0; k < kSlices; ++k) {
      slices.push_back(sample(built.source->arguments, seed + 1 + k)[i]);
      feeds[k].push_back({x, slices.back()});
    }
    xs.push_back(x);
    batches.push_back(input(x.shape().with_axis(0, kSlices), x.dtype()));
    all.push_back({batches.back(), stacked(slices)});
  }
  all.insert(all.end(), shared.begin(), shared.end());
  std::vector<Var> lifted = vmap(outputs, xs, batches);
  const std::vector<std::size_t> matched = add_gradients(built, lifted, chosen, batches, seed);
  const std::vector<Tensor> got = evaluate(lifted, all);
  std::vector<std::vector<Tensor>> loop(outputs.size());
  for (std::vector<Feed>& feed : feeds) {
    feed.insert(feed.end(), shared.begin(), shared.end());
    const std::vector<Tensor> values = evaluate(outputs, feed);
    for (std::size_t i = 0; i < values.size(); ++i) loop[i].push_back(values[i]);
  }
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, error_between(got[i], stacked(loop[matched[i]])));
  }
  return worst;
}

}  // namespace

double batching_error(const Built& built, std::uint64_t seed) {
  const std::vector<Var> outputs = value_and_gradients(built, seed);
  double worst = 0;
  for (const std::vector<bool>& chosen : choices(built.inputs.size())) {
    worst = std::max(worst, choice_error(built, outputs, chosen, seed));
  }
  return worst;
}

}  // namespace hourglass::check
