#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ae/model/spec.h"
#include "nn/data/data_set.h"
#include "tensor/tensor.h"
#include "tools/command_line.h"

namespace hourglass::tools {

// Which classes images or codes are of, for a class-conditional model.
struct LabelArguments {
  std::optional<std::string> file;  // one number each
  std::optional<std::int64_t> one;  // of all
};
void add_label_options(const Command& command, LabelArguments& labels);
void add_class_option(const Command& command, LabelArguments& labels);  // --class alone

// i32 [count], or nothing for a model that is not class-conditional. Without arguments those of the file
// beside `images` (a name with images-idx3 has its partner with labels-idx1); Error, naming the
// command, where there are none, too few or too many, or one is out of range, and where the model
// has no use for them.
Tensor labels_of(const char* who, const ae::Spec& spec, const LabelArguments& arguments,
                 std::int64_t count, const std::string& images = "");

// The same for examples that were read, whose own labels hold where no argument says otherwise.
Tensor labels_of(const char* who, const ae::Spec& spec, const LabelArguments& arguments,
                 const nn::DataSet& data, const std::string& path);

// The classes one after the other, i32 [count]; nothing for a model that is not class-conditional.
Tensor labels_in_turn(const ae::Spec& spec, std::int64_t count);

// The same label `count` times.
Tensor same_label(std::int64_t label, std::int64_t count);

}  // namespace hourglass::tools
