#pragma once

#include "ae/model/spec.h"
#include "ae/model/spec_fields.h"
#include "tools/field_options.h"

namespace hourglass::tools {

// The options that shape a model, one for each row of ae::spec_fields() that has one: architecture,
// code rule, loss and modifiers. What is not given comes from the model's own defaults.
class ModelOptions : public FieldOptions<ae::Spec> {
 public:
  ModelOptions() : FieldOptions(ae::spec_fields()) {}

  void show_defaults(const ae::Spec& spec) const;

  // Throws Error, besides, where a code is given two rules.
  void apply(ae::Spec& spec) const;
};

}  // namespace hourglass::tools
