// Random numbers by position: uniform and normal.

#include <string>

#include "bench/kernels/families.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace hourglass::bench {
namespace {

using Draw = void (*)(DType, const kernels::RandomStream&, std::int64_t, void*, std::int64_t);

constexpr std::int64_t kGrain = 8192;

void add_draw(const Machine& machine, const std::string& name, Draw draw) {
  at_all_sizes(
      machine, name, 1,
      [&](const std::string& row, DType dtype, std::size_t level, int threads, std::int64_t n) {
        const Work work{.bytes = static_cast<double>(n) * static_cast<double>(size_of(dtype)),
                        .level = level};
        add_row(machine, row, dtype, threads, work, [=]() -> Call {
          Tensor y(Shape{n}, dtype);
          return [=, step = std::uint32_t{0}]() mutable {
            const kernels::RandomStream stream{.key_low = 5, .step = step++};
            char* out = static_cast<char*>(y.raw());
            parallel_ranges(n, kGrain, [&](std::int64_t first, std::int64_t last) {
              draw(dtype, stream, first, out + static_cast<std::size_t>(first) * size_of(dtype),
                   last - first);
            });
          };
        });
      });
}

}  // namespace

void add_random(const Machine& machine) {
  add_draw(machine, "random_uniform", kernels::random_uniform);
  add_draw(machine, "random_normal", kernels::random_normal);
}

}  // namespace hourglass::bench
