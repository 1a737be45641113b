#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ae/model/spec.h"
#include "nn/data/data_set.h"

namespace hourglass::tools {

// Places of numbers, from the largest on; equal ones in their order.
std::vector<std::size_t> largest_first(const std::vector<double>& numbers);

// A column that an example's error is made of, and its share of the whole.
struct Reason {
  std::size_t column = 0;  // among the errors
  double share = 0;
};

// The columns with the largest errors of an example, at most `most`: errors f64 [N, columns], as
// ae::column_errors has them.
std::vector<Reason> reasons(const Tensor& errors, std::size_t example, std::size_t most);

// What the columns of such errors of a model are called: of a table its own names, of windows the
// channel's and how many steps after the window's first ("flow +3"), else numbers from 1. A model that knows of no categories has an error for each of their words.
std::vector<std::string> error_columns(const ae::Spec& spec, const nn::DataSet& data);

}  // namespace hourglass::tools
