#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

// The known name that a mistyped one is nearest to: a third of its letters changed, left out, added
// or swapped with their neighbours at most (one in a short name), or the beginning of a known one.
// Empty if there is none.
std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known);

// Throws Error: "loss: there is none named msee: did you mean mse? Expected one of mse, bce".
[[noreturn]] void throw_unknown_name(std::string_view what, std::string_view name,
                                     const std::vector<std::string_view>& known);

// Throws Error: "loss: no name stands for 7".
[[noreturn]] void throw_unnamed(std::string_view what, long value);

// "mse", "mse or bce", "mse, bce or gaussian".
std::string either_of(const std::vector<std::string_view>& names);

}  // namespace hourglass
