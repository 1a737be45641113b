#pragma once

#include <cstdint>
#include <vector>

#include "ae/papers/rule_name.h"
#include "autograd/graph/var.h"
#include "autograd/ops/step.h"
#include "tensor/fields.h"

namespace hourglass::ae {

// Codes whose vectors are replaced by their nearest in a codebook. Van den Oord, Vinyals and
// Kavukcuoglu, "Neural discrete representation learning", 2017.
struct Quantisation {
  Var indices;          // i32 [B, H / d]
  Var nearest;          // [B, H]: vectors of the codebook
  Var straight;         // the same values, whose derivative goes to h as if nothing had happened
  Var codebook_loss;    // |sg(h) - nearest|^2, a sum over units and a mean over rows: equation 3
  Var commitment_loss;  // |h - sg(nearest)|^2, likewise
};

// h [B, H] as H / d vectors of width d, one after the other; codebook [K, d]. Among equals the
// first is taken. Throws Error where d does not divide H.
Quantisation quantise(const Var& h, const Var& codebook);

// How a codebook learns: every vector is the mean of what it stood for, newer steps counting more
// (their appendix A.1), which follows the encoder at once, where a gradient lags behind by Adam's
// step. `uses` [K] is how often each was taken, averaged likewise, and starts with zeros. One that
// is hardly taken, at the first step any, is put where a vector of the batch is, which is drawn
// from (key, stream). To be written after the step.
std::vector<Update> codebook_averages(const Quantisation& q, const Var& h, const Var& codebook,
                                      const Var& uses, const RandomKey& key, const Stream& stream);

// The code rule: the code's vectors become their nearest of a codebook.
struct Quantised {
  std::int64_t entries = 0;      // how many vectors the codebook has
  std::int64_t entry_width = 0;  // how wide they are: a divisor of the code's width
  double commitment = 0.25;      // weight of the commitment term

  static constexpr RuleName kName = {"quantised", "codebook",
                                     "Quantised codes: how many vectors, how wide: 64,8", 2, true};
  static const std::vector<Field<Quantised>>& fields();
  void check(std::int64_t code_width) const;  // Error unless entry_width divides it
  bool operator==(const Quantised&) const = default;
};

}  // namespace hourglass::ae
