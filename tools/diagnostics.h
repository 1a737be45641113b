#pragma once

#include <vector>

#include "ae/measure/inspect.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

// A model as the inspector sees it; a class-conditional one is given its labels.
ae::CodeFunctions code_functions(const ae::Autoencoder& model);

// gradient_norms, code, jacobian_norm, noise_tolerance and, where there is a posterior,
// kl_per_dimension.
void add_diagnostics(Json& line, nn::DataKind kind, const ae::Diagnostics& diagnostics);
void add_code(Json& line, const ae::CodeStatistics& code);

// terms_per_image (per_example of another kind) and terms_per_dimension: each loss term as a sum over pixels (or units of the
// code) and as a mean over them, whichever the objective takes. Both are means over images.
void add_scales(Json& line, nn::DataKind kind, const std::vector<nn::NamedValue>& terms,
                const ae::Spec& spec);

}  // namespace hourglass::tools
