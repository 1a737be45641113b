#pragma once

#include "tools/command_line.h"

namespace hourglass::tools {

// Each adds one command with its options to the program.
void add_train(CommandLine& program);
void add_evaluate(CommandLine& program);
void add_reconstruct(CommandLine& program);
void add_encode(CommandLine& program);
void add_decode(CommandLine& program);
void add_sample(CommandLine& program);
void add_interpolate(CommandLine& program);
void add_manifold(CommandLine& program);
void add_traverse(CommandLine& program);
void add_arithmetic(CommandLine& program);
void add_classify(CommandLine& program);
void add_info(CommandLine& program);
void add_models(CommandLine& program);
void add_certificate(CommandLine& program);
void add_gradcheck(CommandLine& program);
void add_explain(CommandLine& program);
void add_bench(CommandLine& program);

}  // namespace hourglass::tools
