#pragma once

#include "tools/explain/explained.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

// What the page of the engine at work plays: the graph of the loss as it lies on the page, each
// box's line of graph code, and that of its gradient; then of each of so many steps every box's value
// and gradient, and what the optimiser made of each parameter. All numbers are texts to so many
// digits. The model's parameters move.
Json play_of(const ExplainArguments& arguments, Explained& e, int steps, int digits);

}  // namespace hourglass::tools
