#pragma once

#include <cstdint>
#include <vector>

#include "tensor/random.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Codes to decode, made from other codes. All are f32 [N, H].

// `steps` codes from a to b (both [H]), ends included: a + t (b - a). Throws Error unless the
// shapes are equal and steps at least 2.
Tensor interpolate_linear(const Tensor& a, const Tensor& b, std::int64_t steps);
// The same along the great circle through both: sin((1 - t) w) / sin(w) a + sin(t w) / sin(w) b
// with w the angle between them (Shoemake, "Animating rotation with quaternion curves", 1985), so
// that codes between keep the length that codes of a normal prior have. Straight where they are
// parallel or one is 0. Throws Error where interpolate_linear does.
Tensor interpolate_spherical(const Tensor& a, const Tensor& b, std::int64_t steps);

// A normal distribution over codes: its mean and a factor A of its covariance A' A.
struct CodeNormal {
  Tensor mean;    // f64 [H]
  Tensor factor;  // f64 [H, H]
};
CodeNormal standard_normal(std::int64_t width);
// Mean and covariance of the rows of codes [N, H]: what makes a sampler of an autoencoder without a
// prior (Ghosh et al., "From variational to deterministic autoencoders", 2020). Throws Error for
// fewer than two rows.
CodeNormal fit_normal(const Tensor& codes);
std::vector<double> deviations(const CodeNormal& normal);  // of each unit
// Row i is a function of (key, i): more samples begin with the same ones. Throws Error for a count
// below 1.
Tensor sample(const CodeNormal& normal, std::int64_t count, Key key);

// The number below which a standard normal lies with probability p, 0 < p < 1 (else Error), to
// 1e-12 or so.
double normal_quantile(double p);

// A grid over two units of a code, the others at the mean: row by row, the second unit falling from
// row to row, the first rising along it. The places are the quantiles 0.5 / size, 1.5 / size, ...
// of each unit's normal, so that equal parts of the probability lie between them (Kingma &
// Welling's figure of the learnt manifold). Throws Error where there is no such unit, both are the
// same, or size is below 1.
Tensor manifold(const CodeNormal& normal, std::int64_t first, std::int64_t second,
                std::int64_t size);

// The code [H] with unit `unit` going from low to high. Throws Error where there is no such unit and
// for fewer than two steps.
Tensor traverse(const Tensor& code, std::int64_t unit, double low, double high, std::int64_t steps);

}  // namespace hourglass::ae
