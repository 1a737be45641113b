#pragma once

// What the checks of graph functions share: how an error names arguments and shapes. Internal to
// autograd.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/graph/var.h"
#include "tensor/error.h"

namespace hourglass::internal {

using Sizes = std::vector<std::int64_t>;

// Throws Error if nothing was assigned to x, which is `what` to the user; if it holds integers.
void check_defined(const Var& x, std::string_view who, std::string_view what = "argument a");
void check_real(const Var& x, std::string_view who);
// That `who` was given integers, among inputs of these shapes ("a=[2], b=[]").
[[noreturn]] void fail_not_real(std::string_view who, std::string_view shapes, DType got);

// Throws Error unless x, which is `what` to the user, is of f32 or f64.
void check_differentiable(const Var& x, std::string_view who, std::string_view what);

std::string type_text(DType dtype, const Shape& shape);  // "f32 [784, 512]"
std::string type_text(const Var& x);
std::string type_text(const Tensor& x);

// "a", "b", ..., and "a=[32, 784], b=[512, 256]": what a user gave, as an error names it.
std::string argument_name(std::size_t i);
std::string shapes_text(const std::vector<Shape>& shapes);

std::vector<Shape> shapes_of(std::span<const Var> vars);

// `error` in the context of the function that the user called: under the name `who`, of the user's
// own `shapes`, where those of the ops that it is made of were named.
Error with_context(std::string_view who, const std::vector<Shape>& shapes, const Error& error);

// f(), a composition of ops, whose errors have the context of `who`.
template <class F>
auto in_context_of(std::string_view who, const std::vector<Var>& inputs, F f) {
  for (const Var& x : inputs) check_defined(x, who);
  try {
    return f();
  } catch (const Error& error) {
    throw with_context(who, shapes_of(inputs), error);
  }
}

// The shape of these sizes, of which `who` made the `shapes` it was given; Error if it is none.
Shape checked_shape(Sizes sizes, std::string_view who, const std::vector<Shape>& shapes);

}  // namespace hourglass::internal
