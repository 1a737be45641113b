#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/kernels/highway-inl.h"

namespace hourglass::kernels {
namespace {

struct Target {
  std::string_view name;
  std::int64_t bit;
};

// Best first. What the compiler may use anywhere is always there: it is the baseline where it has no
// name of its own, as NEON has.
constexpr Target all_targets[] = {
    {"avx512", HWY_AVX3}, {"avx2", HWY_AVX2}, {"neon", HWY_NEON}, {"baseline", HWY_STATIC_TARGET}};

// What this program was compiled for and this CPU has; asked once, before anything is narrowed.
const std::vector<std::string_view>& supported_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> found;
    std::int64_t usable = HWY_TARGETS & (hwy::SupportedTargets() | HWY_STATIC_TARGET);
    for (const Target& target : all_targets) {
      if ((usable & target.bit) != 0) found.push_back(target.name);
      usable &= ~target.bit;
    }
    return found;
  }();
  return names;
}

}  // namespace

std::span<const std::string_view> cpu_targets() { return supported_names(); }

void set_cpu_target(std::string_view name) {
  std::int64_t targets = 0;  // 0 tells Highway to ask the CPU again
  for (const Target& target : all_targets) {
    if (name == target.name) targets = target.bit;
  }
  if (name != "best" && targets == 0) {
    throw Error(fmt::format(
        "set_cpu_target: unknown target: \"{}\": expected avx512, avx2, neon, baseline or best",
        name));
  }
  bool found = name == "best";
  std::string list;
  for (const std::string_view other : supported_names()) {
    found = found || other == name;
    list += (list.empty() ? "" : ", ") + std::string(other);
  }
  if (!found) {
    throw Error(fmt::format("set_cpu_target: this CPU lacks it: \"{}\": it has {}", name, list));
  }
  hwy::SetSupportedTargetsForTest(targets);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

std::string cpu_target() {
  const std::string_view last = supported_names().back();
  for (const Target& target : all_targets) {
    if ((HWY_TARGETS & hwy::SupportedTargets() & target.bit) != 0) return std::string(target.name);
  }
  return std::string(last);
}

}  // namespace hourglass::kernels
