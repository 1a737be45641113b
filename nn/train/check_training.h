#pragma once

#include <cstdint>
#include <vector>

#include "nn/train/player.h"
#include "nn/train/report.h"
#include "nn/train/train_options.h"
#include "nn/train/train_state.h"

namespace hourglass::internal {

// What train() refuses, each with an Error that says what was expected: a choice of epochs without
// a judge, constraints of parameters that are not trained, a player that cannot play.
void check_judged(const nn::TrainOptions& options, const nn::TrainCallbacks& callbacks);
void check_constraints(const std::vector<nn::Constraint>& constraints,
                       const std::vector<Var>& parameters);
void check_player(const nn::Player& player);

// A state of another training than that of these parameters and so many batches an epoch.
void check_fits(const nn::TrainState& from, const std::vector<Var>& parameters,
                std::int64_t batches, const nn::TrainOptions& options);

}  // namespace hourglass::internal
