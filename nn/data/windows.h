#pragma once

#include <cstdint>
#include <string>

#include "nn/data/data_set.h"

namespace hourglass::nn {

// Whether a label is that of what is no anomaly: 0, or the class that is called "0", "0.0" or "normal"
// where classes have names.
bool is_normal(const DataSet& data, std::int32_t label);

// Windows [N, C, T] of recordings [steps, C] that follow one another, none across two recordings; a
// window's label is the most frequent of its steps' that are not normal, the smallest of several, and
// normal only where they all are. Throws Error unless window and stride are at least 1 and some
// recording is as long as a window.
DataSet windows(const RawData& series, std::int64_t window, std::int64_t stride);

// Windows [N, C, T] back as the steps of the series that windows() cut them from, f64 [steps, C]: the
// mean over the windows that hold a step, NaN where none does. Throws Error for another number of
// windows.
Tensor overlaid(const Tensor& windows, const RawData& series, std::int64_t stride);

std::int64_t longest_recording(const RawData& series);  // in steps; 0 where there are none

// Throws the Error of windows() for a series in which none has room, or a part of it has not, by its
// path and the part's name ("training") where there are such.
[[noreturn]] void throw_too_short(const RawData& series, std::int64_t window,
                                  const std::string& part = "");

}  // namespace hourglass::nn
