#include "tensor/kernels/lanes/fused_update.h"

#include <algorithm>
#include <vector>

namespace hourglass::kernels {
namespace {

struct Row {
  std::string_view name;
  void (*trace)(FusedUpdate&);
  FusedUpdate::Function (*function)(DType);
};

std::vector<Row>& rows() {
  static std::vector<Row> all;
  return all;
}

Symbol record(Lane lane, Symbol a, Symbol b = {}) {
  FusedUpdate& update = *a.update;
  update.steps.push_back({lane, {a.r, b.r}});
  const auto made = static_cast<int>(update.steps.size());
  return {&update, update.arrays + update.scalars + made - 1};
}

std::vector<FusedUpdate> trace_rows() {
  std::vector<FusedUpdate> updates;
  for (const Row& row : rows()) {
    FusedUpdate& update = updates.emplace_back();
    update.name = row.name;
    update.function = row.function;
    row.trace(update);
  }
  std::sort(updates.begin(), updates.end(), [](const FusedUpdate& a, const FusedUpdate& b) {
    if (a.steps.size() != b.steps.size()) return a.steps.size() > b.steps.size();
    return a.name < b.name;
  });
  return updates;
}

}  // namespace

Symbol operator+(Symbol a, Symbol b) { return record(Lane::kAdd, a, b); }
Symbol operator-(Symbol a, Symbol b) { return record(Lane::kSubtract, a, b); }
Symbol operator*(Symbol a, Symbol b) { return record(Lane::kMultiply, a, b); }
Symbol operator/(Symbol a, Symbol b) { return record(Lane::kDivide, a, b); }
Symbol square(Symbol a) { return record(Lane::kSquare, a); }
Symbol sqrt(Symbol a) { return record(Lane::kSqrt, a); }

bool define_update(std::string_view name, void (*trace)(FusedUpdate&),
                   FusedUpdate::Function (*function)(DType)) {
  rows().push_back({name, trace, function});
  return true;
}

std::span<const FusedUpdate> fused_updates() {
  static const std::vector<FusedUpdate> all = trace_rows();
  return all;
}

}  // namespace hourglass::kernels
