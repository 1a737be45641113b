#pragma once

// What a row of the certificate says of an op: its cases, and the columns that differ.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "autograd/graph/var.h"

namespace hourglass::check {

// The numbers of a tensor in row-major order, as the references see them.
struct Array {
  Shape shape;
  std::vector<double> values;
};

// One argument of a case and how it is sampled: multiples of 2^-12 in [low, high), which f32 holds
// exactly, and which linear functions map without rounding when they are moved by steps of 2^-11.
struct Argument {
  Shape shape = {};
  double low = -2, high = 2;
  std::vector<double> kinks = {};   // numbers that samples keep a distance of 1/32 from
  bool distinct = false;            // all arguments that say so share no number, nor come near
  bool indices = false;             // i32, whole numbers in [low, high)
  std::vector<double> values = {};  // these numbers and no sample
  bool constant = false;            // no derivative is taken
};

// A function at one set of shapes. `build` makes its graph from f64 arguments (i32 for indices);
// `reference` is the same in plain doubles, the shape of its result included.
struct Case {
  enum class Use {
    kAll,    // every column
    kValue,  // the value in f64 and f32 only: infinities, NaN, zeros, numbers at a kink
    kTails,  // derivatives to the third order stay finite, in f64 and f32
    // The reference is the declared derivative of sum(y) in the first argument that is not
    // constant: at kinks and ties, where differences cannot tell.
    kDeclared
  };
  std::vector<Argument> arguments = {};
  std::function<Var(const std::vector<Var>&)> build = {};
  std::function<Array(const std::vector<Array>&)> reference = {};
  Use use = Use::kAll;
};

enum class Column { kValue, kFirst, kSecond, kThird, kF32, kBatching, kAdjoint, kCompiled };
inline constexpr int kColumns = 8;

struct Row {
  std::string name;  // of an op, or of a function over ops
  std::vector<Case> cases = {};
  // Linear in all its arguments together (concat, add), not in each with the others held.
  bool jointly_linear = false;
  // Its derivative is zero by definition, whatever its value does.
  bool zero_derivative = false;
  // Columns that do not apply, and why.
  std::vector<std::pair<Column, std::string>> notes = {};
  // Columns with a limit of their own, and why.
  struct Exception {
    Column column;
    double limit;
    std::string reason;
  };
  std::vector<Exception> exceptions = {};
  // Of a lane of one input that rounds more than once: the function to more digits than f64 has,
  // which holds the lane to the accuracy that it states.
  long double (*exact)(long double x) = nullptr;
};

}  // namespace hourglass::check
