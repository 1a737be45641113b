#pragma once

// What is proved about every op: one row an op, checked against plain C++ by one loop, printed by
// `hourglass certificate` and asserted by the tests. A column of a row is an error, a reason why it
// does not apply, or a hole; a hole, and an op without a row, is a failure.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/graph/var.h"

namespace hourglass {
struct Op;
}

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
std::string_view name_of(Column column);  // "value", "first", ... "compiled"

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
};

// Errors are |got - expected| / max(1, |got|, |expected|), the worst over all elements and cases.
// Derivatives are compared with central differences (steps 2^-10 and 2^-11, extrapolated) of the
// order below, in every element up to 64, else in 32 random directions.
struct Entry {
  std::optional<double> error;
  std::string note;  // why there is none, or why the limit is what it is
  double limit = 0;
  bool hole() const { return !error && note.empty(); }
  bool passed() const { return error ? *error <= limit : !note.empty(); }
};
struct Certificate {
  std::string name;
  bool is_op = true;  // else a function over ops
  Entry entries[kColumns];
  std::string thrown;  // what a check threw, if one did: then the certificate has failed

  const Entry& operator[](Column column) const { return entries[static_cast<int>(column)]; }
  bool passed() const;
  std::string failures() const;  // a line for every column that did not pass
};

const std::vector<Row>& certificate_rows();
std::vector<std::string> ops_without_row();  // among all_ops(); a user's own ops have none

Certificate certify(const Row& row);
Certificate certify(const Op& op);       // every column a hole where the op has no row
std::vector<Certificate> certify_all();  // all ops by name, then the functions over them

// A table, one line each, and below it the remarks on limits of their own.
std::string to_text(const std::vector<Certificate>& certificates);
std::string to_json(const std::vector<Certificate>& certificates);  // a list of objects

}  // namespace hourglass::check
