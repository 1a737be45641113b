#include "autograd/graph/errors.h"

#include <fmt/core.h>

#include <algorithm>

namespace hourglass::internal {

void check_defined(const Var& x, std::string_view who, std::string_view what) {
  if (x.defined()) return;
  throw Error(fmt::format("{}: {} is an empty Var: nothing was assigned to it", who, what));
}

void check_real(const Var& x, std::string_view who) {
  check_defined(x, who);
  if (!is_real(x.dtype())) fail_not_real(who, shapes_text({x.shape()}), x.dtype());
}

void fail_not_real(std::string_view who, std::string_view shapes, DType got) {
  throw Error(fmt::format("{}: numbers must be f32 or f64: {}: got {}: use cast(x, DType::kF32)",
                          who, shapes, name_of(got)));
}

void check_differentiable(const Var& x, std::string_view who, std::string_view what) {
  check_defined(x, who, what);
  if (is_real(x.dtype())) return;
  throw Error(fmt::format("{}: only f32 and f64 have derivatives: {}={}", who, what, type_text(x)));
}

std::string type_text(DType dtype, const Shape& shape) {
  return fmt::format("{} {}", name_of(dtype), to_string(shape));
}
std::string type_text(const Var& x) { return type_text(x.dtype(), x.shape()); }
std::string type_text(const Tensor& x) { return type_text(x.dtype(), x.shape()); }

std::vector<Shape> shapes_of(std::span<const Var> vars) {
  std::vector<Shape> shapes;
  for (const Var& x : vars) shapes.push_back(x.shape());
  return shapes;
}

std::string argument_name(std::size_t i) {
  return i < 26 ? std::string(1, static_cast<char>('a' + i)) : fmt::format("input{}", i);
}

std::string shapes_text(const std::vector<Shape>& shapes) {
  std::string text;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    text += (i ? ", " : "") + argument_name(i) + "=" + to_string(shapes[i]);
  }
  return text;
}

// The house form is `op: what: a=[..], b=[..]: detail`; what has no shapes gets them after `what`.
Error with_context(std::string_view who, const std::vector<Shape>& shapes, const Error& error) {
  const std::string_view text = error.what();
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(": ", from), text.size());
    parts.emplace_back(text.substr(from, to - from));
    from = to + 2;
  }
  parts[0] = who;
  auto named = std::find_if(parts.begin(), parts.end(),
                            [](const std::string& part) { return part.starts_with("a=["); });
  if (named == parts.end()) {
    named = parts.insert(parts.begin() + std::min<std::ptrdiff_t>(2, std::ssize(parts)), "");
  }
  *named = shapes_text(shapes);
  if (named->empty()) parts.erase(named);
  std::string told;
  for (const std::string& part : parts) told += (told.empty() ? "" : ": ") + part;
  return Error(told);
}

Shape checked_shape(Sizes sizes, std::string_view who, const std::vector<Shape>& shapes) {
  try {
    return Shape(std::move(sizes));
  } catch (const Error& error) {
    throw with_context(who, shapes, error);
  }
}

}  // namespace hourglass::internal
