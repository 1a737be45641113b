// The certificate is only worth what it would notice: rules, kernels, types and batching rules are
// made wrong one at a time, and every fault must turn its op's row red.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string_view>

#include "autograd/certificate/certificate.h"
#include "tensor/error.h"
#include "tests/autograd/corruption.h"

namespace hourglass::testing {
namespace {

bool is_full() {
  const char* full = std::getenv("HOURGLASS_FULL");
  return full && std::string_view(full) == "1";
}

// What no check can or should see, and why.
struct Excuse {
  const char* fault;  // how its name begins
  const char* reason;
};
constexpr Excuse kExcused[] = {
    {"cast, derivative 0, sign", "a graph from f64 to f64 has two casts: signs cancel"},
    {"cast, derivative 0, flipped", "the same: flipped twice"},
    {"checkpoint, batching, swapped operands", "which argument is which says nothing to the mark"},
    {"checkpoint, follow, mixed taken for kept", "the value does not depend on the arguments"},
    {"elu, derivative 0, attribute off", "above 0 the clipped side is not the one taken"},
    {"erf, derivative 0, attribute off", "exp(-x^2) is 0 long before the clip at 40, as at 50"},
    {"gelu, derivative 0, attribute off", "the same"},
    {"gelu_tanh, derivative 0, attribute off", "the same, at 10"},
    {"selu, derivative 0, attribute off", "as elu's"},
    {"silu, derivative 0, attribute off", "exp(-x) is 0 long before the clip at 40, as at 50"},
    {"pow, derivative 0, constant off 3", "1 stands where 0 is a factor, so 1.25 does as well"},
    {"maximum, derivative 0, swapped operands 2", "at ties the cotangent is 1, as the mask is"},
    {"maximum, derivative 1, swapped operands 2", "the same"},
    {"xlogy, derivative 1, constant off 1", "1 stands where 0 is a factor, so 1.25 does as well"},
    {"prod, derivative 0, constant off", "the constant fills an array without elements"},
    {"random_normal, kernel, slight factor", "f64 draws hold f32 numbers, its reference does not"},
    {"sampled_matmul, batching, neighbour", "indices out of range: tests/autograd/sparse.cc"},
    {"sampled_matmul, batching, swapped operands", "the same"},
    {"sparse_matmul, batching, neighbour", "the same"},
    {"sparse_matmul, batching, swapped operands", "the same"},
    {"sparse_matmul, kernel, last of input", "what stands last is padding"},
    {"sparse_transpose_matmul, batching, neighbour", "as sparse_matmul's"},
    {"sparse_transpose_matmul, batching, swapped operands", "as sparse_matmul's"},
    {"scatter_add, batching, swapped operands", "indices out of range: tests/autograd/vmap.cc"},
    {"scatter_add, batching, neighbour", "the same"},
    {"take, batching, swapped operands", "the same"},
    {"take, batching, neighbour", "the same"},
};
// Rules that no graph asks for.
constexpr Excuse kUncalled[] = {
    {"checkpoint, derivative 0", "grad goes through what the mark stands for"},
    {"where, lane", "no other lane has three inputs"},
};

template <std::size_t n>
bool excused(const std::string& name, const Excuse (&excuses)[n]) {
  return std::any_of(std::begin(excuses), std::end(excuses),
                     [&](const Excuse& excuse) { return name.starts_with(excuse.fault); });
}

struct Tally {
  int places = 0;  // faults that changed what their rule gives
  int caught = 0;
  std::string survivors, uncalled;  // those that nothing excuses, a line each
};

void try_fault(const Fault& fault, Tally& tally) {
  const Corruption corruption(fault);
  const bool caught = !check::certify(*find_op(fault.op)).passed();
  // An index has no derivative that a graph could ask for.
  const bool of_index = fault.kind == "not zero";
  if (!corruption.called() && !of_index && !excused(fault.name(), kUncalled)) {
    tally.uncalled += fault.name() + "\n";
  }
  if (!corruption.changed()) return;
  ++tally.places;
  tally.caught += caught;
  if (!caught && !excused(fault.name(), kExcused)) {
    tally.survivors += fault.name() + ": " + corruption.detail() + "\n";
  }
}

void check(const Tally& tally) {
  MESSAGE(tally.places << " places, " << tally.caught << " caught");
  CHECK(100 * tally.caught >= 95 * tally.places);
  CHECK(tally.survivors == "");
  CHECK(tally.uncalled == "");
}

TEST_CASE("the certificate catches faults at 200 places drawn by a seed, or it is known why not" *
          doctest::test_suite("long")) {
  std::vector<Fault> faults = all_faults();
  std::mt19937_64 engine(2026);
  Tally tally;
  while (tally.places < 200) {
    REQUIRE(!faults.empty());
    const auto i = static_cast<std::ptrdiff_t>(engine() % faults.size());
    try_fault(faults[static_cast<std::size_t>(i)], tally);
    faults.erase(faults.begin() + i);
  }
  check(tally);
}

TEST_CASE("the certificate catches faults at every place, or it is known why not") {
  if (!is_full()) return;
  Tally tally;
  for (const Fault& fault : all_faults()) try_fault(fault, tally);
  CHECK(tally.places > 2000);
  check(tally);
}

TEST_CASE("a fault is gone when its corruption is") {
  for (const char* op : {"tanh", "matmul", "slice"}) CHECK(check::certify(*find_op(op)).passed());
  const Corruption one({"tanh", "derivative 0", "sign", 0});
  CHECK_FALSE(check::certify(*find_op("tanh")).passed());
  CHECK_THROWS_WITH_AS(Corruption({"exp", "derivative 0", "zero", 0}), "corruption: one at a time",
                       Error);
}

}  // namespace
}  // namespace hourglass::testing
