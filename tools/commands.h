#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <memory>

namespace hourglass::tools {

// Exit codes of the program.
enum Exit : int { kDone = 0, kFailed = 1, kBadInput = 2, kInterrupted = 130 };

// What a chosen sub-command does; set when the command line has been read.
using Action = std::function<int()>;

// Each adds one sub-command with its options to the program.
void add_train(CLI::App& app, Action& action);
void add_evaluate(CLI::App& app, Action& action);
void add_reconstruct(CLI::App& app, Action& action);
void add_encode(CLI::App& app, Action& action);
void add_decode(CLI::App& app, Action& action);
void add_sample(CLI::App& app, Action& action);
void add_interpolate(CLI::App& app, Action& action);
void add_manifold(CLI::App& app, Action& action);
void add_traverse(CLI::App& app, Action& action);
void add_arithmetic(CLI::App& app, Action& action);
void add_classify(CLI::App& app, Action& action);
void add_info(CLI::App& app, Action& action);
void add_models(CLI::App& app, Action& action);
void add_certificate(CLI::App& app, Action& action);
void add_gradcheck(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);

}  // namespace hourglass::tools
