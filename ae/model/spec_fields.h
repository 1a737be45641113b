#pragma once

#include <string>
#include <vector>

#include "ae/model/spec.h"
#include "tensor/fields.h"

namespace hourglass::ae {

// The table of a Spec's fields: files, options, checks and printed pages follow from it. Rows with
// a name are what a file holds, besides `conv` and `rule`, whose parts have tables of their own;
// rows with an option are laid over a spec in this order, each as if those above were settled.
const std::vector<Field<Spec>>& spec_fields();
inline constexpr const char* kLossGroup = "Loss and what is put to it";  // of a row: Field::group

const std::vector<Field<ConvLayer>>& conv_layer_fields();

// The options that give a code its rule: "top-k", "gaussian", "codebook".
std::vector<std::string> rule_options();

// What a spec says beside its defaults, one line a field: name and text.
std::vector<std::pair<std::string, std::string>> described(const Spec& spec);

}  // namespace hourglass::ae
