#pragma once

#include <vector>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"

namespace hourglass::ae {

// Codes whose vectors are replaced by their nearest in a codebook. Van den Oord, Vinyals and
// Kavukcuoglu, "Neural discrete representation learning", 2017.
struct Quantised {
  Var indices;          // i32 [B, H / d]
  Var nearest;          // [B, H]: vectors of the codebook
  Var straight;         // the same values, whose derivative goes to h as if nothing had happened
  Var codebook_loss;    // |sg(h) - nearest|^2, a sum over units and a mean over rows: equation 3
  Var commitment_loss;  // |h - sg(nearest)|^2, likewise
};

// h [B, H] as H / d vectors of width d, one after the other; codebook [K, d]. Among equals the
// first is taken. Throws Error where d does not divide H.
Quantised quantise(const Var& h, const Var& codebook);

// How a codebook learns: every vector is the mean of what it stood for, newer steps counting more
// (their appendix A.1), which follows the encoder at once, where a gradient lags behind by Adam's
// step. `uses` [K] is how often each was taken, averaged likewise, and starts with zeros. One that
// is hardly taken, at the first step any, is put where a vector of the batch is. To be written
// after the step.
std::vector<Update> codebook_averages(const Quantised& q, const Var& h, const Var& codebook,
                                      const Var& uses, const RandomKey& key);

}  // namespace hourglass::ae
