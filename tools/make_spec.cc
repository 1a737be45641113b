#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"
#include "tools/catalogue.h"

namespace hourglass::tools {
namespace {

// What a model would lose that its name means, or nothing: the kind of its code, convolutions, a
// discriminator, classes, and what its entry names.
std::string lost(const ModelEntry& entry, const ae::Spec& own, const ae::Spec& spec) {
  const bool plain = std::holds_alternative<ae::Deterministic>(own.rule);
  if (!plain && spec.rule.index() != own.rule.index()) {
    return fmt::format("its {} code", ae::name_of(own.rule).name);
  }
  if (!own.conv.empty() && spec.conv.empty()) return "its convolutions";
  if (!own.discriminator.empty() && spec.discriminator.empty()) return "its discriminator";
  if (own.classes > 0 && spec.classes == 0) return "its classes";
  for (const Field<ae::Spec>& field : ae::spec_fields()) {
    const bool meant =
        std::find(entry.essence.begin(), entry.essence.end(), field.name) != entry.essence.end();
    if (!meant || field.get(own) == field.get(spec)) continue;
    return fmt::format("its {}, {}", field.name, to_text(field.get(own)));
  }
  return "";
}

void check_solved(const ModelEntry& entry, const ModelOptions& options) {
  for (const std::string& name : options.all_given()) {
    if (name == "code" || name == "scale") continue;
    if (name == "hidden") {
      if (to_text(*options.given(name)).empty()) continue;
      throw Error(fmt::format("train: {} has no hidden layers: leave out --hidden", entry.name));
    }
    throw Error(
        fmt::format("train: {} is solved, not trained: only --code and --scale apply", entry.name));
  }
}

// The spec's own objective asks for the fields of the loss, another one does not; classes are the
// model's, too.
void check_asked(const ModelEntry& entry, const ModelOptions& options) {
  if (entry.objective == ae::objective_of) return;
  for (const Field<ae::Spec>& field : ae::spec_fields()) {
    const std::string name = option_name(field);
    if (field.group != ae::kLossGroup || field.name == "classes" || !options.given(name)) continue;
    throw Error(fmt::format("{} has an objective of its own, which takes no --{}: leave it out",
                            entry.name, name));
  }
}

}  // namespace

ae::Spec make_spec(const ModelEntry& entry, const ModelOptions& options, const ae::DataForm& data) {
  if (!entry.trained) check_solved(entry, options);
  check_asked(entry, options);
  const ae::Spec own = default_spec(entry, data);
  ae::Spec spec = own;
  options.apply(spec);
  if (const std::string part = lost(entry, own, spec); !part.empty()) {
    throw Error(fmt::format("a {} without {} would be another model: train that by its own name",
                            entry.name, part));
  }
  check(spec);
  return spec;
}

}  // namespace hourglass::tools
