#pragma once

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace hourglass::tools {

// Writes to standard output at once, and never fails: a training does not end because what it says
// cannot be said. Where nobody reads any more (a closed pipe, a terminal that is gone) the rest is
// dropped; any other error is what guarded() tells at the end.
void say_text(std::string_view text) noexcept;

template <class... Values>
void say(fmt::format_string<Values...> text, Values&&... values) {
  say_text(fmt::format(text, std::forward<Values>(values)...));
}

}  // namespace hourglass::tools
