#pragma once

#include <vector>

#include "nn/train/data_source.h"
#include "nn/train/objective.h"
#include "nn/train/player.h"
#include "nn/train/report.h"
#include "nn/train/train_options.h"
#include "nn/train/train_state.h"

namespace hourglass::nn {

// Trains, changing the parameters in place. Reports have the loss of the first player and the terms
// of all. When a loss term or a new weight turns out not finite, training stops and the parameters
// are those of the last step whose loss was finite: they are restored from the snapshot at the
// epoch's start and the steps since then are run again, which gives the same bits. Throws Error
// naming an option that is out of range, for a player without an objective, without parameters or
// with what is no parameter, where the data gives no batches, where the best epoch is
// to be kept, or a plateau to be seen, and nothing judges, and where memory is too small.
// With `from` it goes on where that training stood, to the bits of one that was never interrupted:
// of the same players, data and options, but that there may be more epochs (a schedule that spans
// them differs then). Throws Error, besides, where the state is of another training.
TrainResult train(const std::vector<Player>& players, const DataSource& data,
                  const TrainOptions& options, const TrainCallbacks& callbacks = {},
                  const TrainState* from = nullptr);

// The same of rows [N, ...] in batches of options.batch, each epoch in an order of its
// own (shuffled_rows).
TrainResult train(const std::vector<Player>& players, const std::vector<Rows>& data,
                  const TrainOptions& options, const TrainCallbacks& callbacks = {},
                  const TrainState* from = nullptr);

// The same with one player.
TrainResult train(const ObjectiveFunction& objective, const std::vector<Var>& parameters,
                  const std::vector<Rows>& data, const TrainOptions& options,
                  const TrainCallbacks& callbacks = {}, const TrainState* from = nullptr);

}  // namespace hourglass::nn
