#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ae/model/autoencoder.h"
#include "nn/data/data_set.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

// A trained model with how it was made.
struct LoadedRun {
  RunConfig config;
  ae::Autoencoder model;
};
LoadedRun open_run(const std::string& folder);

// The data it learnt from, with the run's test part, or those of another path, which without a test
// part of their own are one as a whole; Error,
// naming the command, where the examples are of another kind or shape than the model's.
nn::RawData data_of(const char* who, const LoadedRun& run, const std::optional<std::string>& data);

// [N, example shape...] -> f32 [N, code], and back, with note_unpooling. A class-conditional model
// needs labels, i32 [N]. decode_codes throws Error where a number is not finite.
Tensor encode_examples(const LoadedRun& run, const nn::Rows& examples, const Tensor& labels = {});
Tensor decode_codes(const LoadedRun& run, const Tensor& codes, const Tensor& labels = {});
Tensor decoded(const LoadedRun& run, const Tensor& codes,
               const Tensor& labels = {});  // the same without a check or a note

// Whether the decoder unpools to where its encoder pooled from, which codes do not hold.
bool unpools(const ae::Spec& spec);
// Examples that are made of codes alone are poor then: on standard error, since standard output may
// be JSON.
void note_unpooling(const RunConfig& config);

// Throws Error where so many codes and the examples of them would not fit in memory.
void check_decoded_fit(const char* who, const LoadedRun& run, double count);

// Codes from an NPY, IDX or CSV file: numbers [N, width], or [width] for one. FileError where they are
// not that or not finite.
Tensor read_codes(const std::string& path, std::int64_t width);

// Throws Error unless the name ends in .csv, .npy, .idx, .idx.gz or .png.
void check_codes_output(const std::string& path);

// Codes [N, H] by the name's ending: CSV, NPY and IDX hold them as f32 [N, H]; PNG shows each as a small
// image, 0 in the middle of the greys where there are negative numbers, else 0 black; the largest
// magnitude of all is white (or black).
void write_codes(const std::string& path, const Tensor& codes);

// The index of an example; Error naming what `who` asked for.
std::int64_t check_index(const char* who, std::int64_t index, const nn::DataSet& data);

}  // namespace hourglass::tools
