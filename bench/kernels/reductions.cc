// Sums and largest elements: of all numbers, of rows and of columns of 784.

#include <algorithm>
#include <string>

#include "bench/kernels/families.h"
#include "tensor/kernels.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

using kernels::Reduction;

enum class Over : std::uint8_t { kAll, kRows, kColumns };

constexpr std::int64_t kRowWidth = 784;

void add_reduction(Rows& rows, const Machine& machine, const std::string& name, Reduction reduction,
                   Over over) {
  at_all_sizes(
      machine, name, 1,
      [&](const std::string& row, DType dtype, std::size_t level, int threads, std::int64_t n) {
        const std::int64_t height = std::max<std::int64_t>(1, n / kRowWidth);
        if (over != Over::kAll) n = height * kRowWidth;
        const auto elements = static_cast<double>(n);
        const Work work{.bytes = elements * static_cast<double>(size_of(dtype)),
                        .operations = elements,
                        .elements = elements,
                        .level = level};
        rows.push_back({row, dtype, threads, work, [=]() -> Call {
                          const Tensor x = uniform(key_of(5), "x", 0, Shape{n}, -1, 1, dtype);
                          Tensor y(Shape{std::max(height, kRowWidth)}, dtype);
                          return [=]() mutable {
                            const std::int64_t outer = over == Over::kRows ? height : 1;
                            const std::int64_t inner = over == Over::kColumns ? kRowWidth : 1;
                            kernels::reduce(reduction, dtype, x.raw(), y.raw(), outer,
                                            n / outer / inner, inner);
                          };
                        }});
      });
}

}  // namespace

void add_reductions(Rows& rows, const Machine& machine) {
  add_reduction(rows, machine, "sum", Reduction::kSum, Over::kAll);
  add_reduction(rows, machine, "sum_rows", Reduction::kSum, Over::kRows);
  add_reduction(rows, machine, "sum_columns", Reduction::kSum, Over::kColumns);
  add_reduction(rows, machine, "max_rows", Reduction::kMax, Over::kRows);
}

}  // namespace hourglass::bench
