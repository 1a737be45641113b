#include "ae/measure/row_batches.h"

#include <algorithm>

namespace hourglass::ae {

void for_row_batches(ProgramByShape& program, const std::vector<Tensor>& data, std::int64_t batch,
                     const std::function<void(const std::vector<Tensor>& values, std::int64_t first,
                                              std::int64_t rows)>& f) {
  const std::int64_t n = data[0].shape()[0];
  for (std::int64_t first = 0; first < n; first += batch) {
    const std::int64_t last = std::min(first + batch, n);
    std::vector<Tensor> rows;
    for (const Tensor& t : data) rows.push_back(t.rows(first, last));
    f(program.run(rows), first, last - first);
  }
}

}  // namespace hourglass::ae
