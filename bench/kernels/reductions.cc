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

constexpr std::int64_t kWidth = 784;

void add_reduction(const Machine& machine, const std::string& name, Reduction reduction,
                   Over over) {
  at_all_sizes(
      machine, name, 1,
      [&](const std::string& row, DType dtype, std::size_t level, int threads, std::int64_t n) {
        const std::int64_t rows = std::max<std::int64_t>(1, n / kWidth);
        if (over != Over::kAll) n = rows * kWidth;
        const Work work{.bytes = static_cast<double>(n) * static_cast<double>(size_of(dtype)),
                        .operations = static_cast<double>(n),
                        .level = level};
        add_row(machine, row, dtype, threads, work, [=]() -> Call {
          const Tensor x = uniform(key_of(5), "x", 0, Shape{n}, -1, 1, dtype);
          Tensor y(Shape{std::max(rows, kWidth)}, dtype);
          return [=]() mutable {
            const std::int64_t outer = over == Over::kRows ? rows : 1;
            const std::int64_t inner = over == Over::kColumns ? kWidth : 1;
            kernels::reduce(reduction, dtype, x.raw(), y.raw(), outer, n / outer / inner, inner);
          };
        });
      });
}

}  // namespace

void add_reductions(const Machine& machine) {
  add_reduction(machine, "sum", Reduction::kSum, Over::kAll);
  add_reduction(machine, "sum_rows", Reduction::kSum, Over::kRows);
  add_reduction(machine, "sum_columns", Reduction::kSum, Over::kColumns);
  add_reduction(machine, "max_rows", Reduction::kMax, Over::kRows);
}

}  // namespace hourglass::bench
