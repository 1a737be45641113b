#pragma once

// What is proved about every op: one row an op, checked against plain C++ by one loop, printed by
// `hourglass certificate` and asserted by the tests. A column of a row is an error, a reason why it
// does not apply, or a hole; a hole, and an op without a row, is a failure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/certificate/row.h"

namespace hourglass {
struct Op;
}

namespace hourglass::check {

std::string_view name_of(Column column);  // "value", "first", ... "compiled"

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
