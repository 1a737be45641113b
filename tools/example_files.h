#pragma once

#include <string>
#include <vector>

#include "nn/data/data_set.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

// Examples for a run's model, in the order of the file: images from an IDX file, an NPY array ([N,
// H, W], [H, W] or [N, H * W]), a PNG or several, or a folder of PNGs ordered by name. Throws
// Error, naming the command, where they are of another kind or shape than the model takes; smaller images are put
// into the middle where the run did so with its own.
nn::DataSet read_examples(const char* who, const std::vector<std::string>& paths,
                          const RunConfig& run);

// Throws Error unless the name ends in .idx, .idx.gz, .npy or .png (before work is done for it).
void check_output(const std::string& path);

// Pixels f32 [N, C, H, W]: NPY keeps them, IDX and PNG round to u8; a PNG of several images is a
// sheet of so many columns (0: one line of up to 12, else nearly as many as rows), small images
// twice as large.
void write_examples(const std::string& path, const Tensor& pixels, int columns = 0);

}  // namespace hourglass::tools
