#pragma once

#include <nlohmann/json_fwd.hpp>

#include "nn/data/data_set.h"
#include "tools/data_options.h"

namespace hourglass::tools {

// How data were read, and what others must have in common with them, as config.json has it: what is
// as usual is left out.
nlohmann::ordered_json reading_json(const DataOptions& options);
nlohmann::ordered_json schema_json(const nn::Schema& schema);

// Throws Error naming the field.
DataOptions reading_from(const nlohmann::ordered_json& json);
nn::Schema schema_from(const nlohmann::ordered_json& json);

}  // namespace hourglass::tools
