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

// Instructions of f32; f64 is f32 widened. Ten rounds of two products of integers make four words.
void add_draw(Rows& rows, const Machine& machine, const std::string& name, Draw draw,
              double instructions) {
  at_all_sizes(
      machine, name, 1,
      [&](const std::string& row, DType dtype, std::size_t level, int threads, std::int64_t n) {
        const auto elements = static_cast<double>(n);
        const Work work{
            .bytes = elements * static_cast<double>(size_of(dtype)),
            .instructions = elements * instructions * 4 / static_cast<double>(size_of(dtype)),
            .elements = elements,
            .level = level};
        rows.push_back({row, dtype, threads, work, [=]() -> Call {
                          Tensor y(Shape{n}, dtype);
                          return [=, step = std::uint32_t{0}]() mutable {
                            const kernels::RandomStream stream{.key_low = 5, .step = step++};
                            char* out = static_cast<char*>(y.raw());
                            parallel_ranges(n, kGrain, [&](std::int64_t first, std::int64_t last) {
                              draw(dtype, stream, first,
                                   out + static_cast<std::size_t>(first) * size_of(dtype),
                                   last - first);
                            });
                          };
                        }});
      });
}

}  // namespace

void add_random(Rows& rows, const Machine& machine) {
  add_draw(rows, machine, "random_uniform", kernels::random_uniform, 10);
  add_draw(rows, machine, "random_normal", kernels::random_normal, 23.5);
}

}  // namespace hourglass::bench
