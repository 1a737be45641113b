// What is proved of every op, as a program: `hourglass certificate` runs it.

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "autograd/certificate/certificate.h"

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/nearest_name.h"
#include "tools/command_line.h"
#include "tools/room.h"

namespace hourglass::tools {
namespace {

using check::Certificate;

constexpr const char* kLegend = R"(
Worst |got - expected| / max(1, |got|, |expected|) over all elements and cases, in f64:
  value      against plain C++
  first ...  derivatives of the first, second and third order, against differences of the order below
  f32        value and gradient in f32 against f64
  batching   vmap against a loop; where the op says that axes go
  adjoint    <A x, y> against <x, A' y>, of linear ops
  compiled   value and gradient of the compiled program against the reference interpreter
  -          does not apply; --json says why
)";

[[noreturn]] void throw_no_op(const std::string& name) {
  std::vector<std::string_view> known;
  for (const auto& row : check::certificate_rows()) known.push_back(row.name);
  const std::string_view nearest = nearest_name(name, known);
  throw Error(fmt::format("certificate: no op of this name: {}{}", name,
                          nearest.empty() ? "" : fmt::format(": did you mean {}?", nearest)));
}

// The rows of these names, or all of them.
std::vector<Certificate> certificates(const std::vector<std::string>& names) {
  if (names.empty()) return check::certify_all();
  std::vector<Certificate> result;
  for (const std::string& name : names) {
    const auto& rows = check::certificate_rows();
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.name == name; });
    if (row == rows.end()) throw_no_op(name);
    result.push_back(check::certify(*row));
  }
  return result;
}

int certificate(const std::vector<std::string>& names, bool json) {
  const std::vector<Certificate> all = certificates(names);
  if (json) {
    fmt::print("{}\n", check::to_json(all));
  } else {
    fmt::print("{}{}", check::to_text(all), kLegend);
  }
  const bool passed =
      std::all_of(all.begin(), all.end(), [](const Certificate& c) { return c.passed(); });
  return passed ? kDone : kFailed;
}

int run(int argc, char** argv) {
  CommandLine program("Checks every op against its row and prints the worst errors seen.",
                      "hourglass-certificate", HOURGLASS_VERSION);
  std::vector<std::string> ops;
  bool json = false;
  std::string cpu = "best";
  const Command whole = program.whole();
  whole.add_option("ops", ops, "These ops only");
  whole.add_flag("--json", json, "As JSON: a list with one object an op");
  whole.add_option("--cpu", cpu, "Narrow the SIMD kernels: best, avx512, avx2, neon or baseline");
  if (const std::optional<int> ended = program.read(argc, argv)) return *ended;
  kernels::set_cpu_target(cpu);
  return certificate(ops, json);
}

}  // namespace
}  // namespace hourglass::tools

int main(int argc, char** argv) {
  using namespace hourglass::tools;
  return with_stack([&] { return guarded([&] { return run(argc, argv); }); });
}
