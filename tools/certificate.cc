#include "autograd/check/certificate.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <algorithm>

#include "tensor/error.h"
#include "tools/commands.h"

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

// The rows of these names, or all of them.
std::vector<Certificate> certificates(const std::vector<std::string>& names) {
  if (names.empty()) return check::certify_all();
  std::vector<Certificate> result;
  for (const std::string& name : names) {
    const auto& rows = check::certificate_rows();
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.name == name; });
    if (row == rows.end()) throw Error(fmt::format("certificate: no op of this name: {}", name));
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

}  // namespace

void add_certificate(CLI::App& app, Action& action) {
  auto names = std::make_shared<std::vector<std::string>>();
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "certificate", "Check every op against its row and print the worst errors seen");
  command->add_option("ops", *names, "These ops only");
  command->add_flag("--json", *json, "As JSON: a list with one object an op");
  command->callback(
      [&action, names, json] { action = [names, json] { return certificate(*names, *json); }; });
}

}  // namespace hourglass::tools
