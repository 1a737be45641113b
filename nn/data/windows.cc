#include "nn/data/windows.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <vector>

#include "tensor/error.h"
#include "tensor/kernels.h"

namespace hourglass::nn {
namespace {

// Rows [n * window, C] as [n, C, window].
Tensor channels_first(const Tensor& rows, std::int64_t n, std::int64_t window) {
  const std::int64_t channels = rows.shape()[1];
  Tensor result = Tensor::uninitialized(Shape{n, channels, window}, rows.dtype());
  kernels::transpose(rows.dtype(), std::array{n, window, channels}, std::array{0, 2, 1}, rows.raw(),
                     result.raw());
  return result;
}

using Starts = std::vector<std::int64_t>;  // the time steps at which windows begin

// Windows overlap: they are put together when they are asked for.
Rows windows_at(const Rows& series, const Starts& starts, std::int64_t window) {
  const Shape shape{static_cast<std::int64_t>(starts.size()), series.width(), window};
  return {shape, series.dtype(), [=](const std::int32_t* ids, std::int64_t count) {
            std::vector<std::int32_t> steps;
            for (std::int64_t i = 0; i < count; ++i) {
              const std::int64_t start = starts[static_cast<std::size_t>(ids[i])];
              for (std::int64_t t = 0; t < window; ++t) {
                steps.push_back(static_cast<std::int32_t>(start + t));
              }
            }
            return channels_first(series.gather(steps.data(), count * window), count, window);
          }};
}

std::int32_t window_label(const DataSet& steps, std::int64_t start, std::int64_t window) {
  const std::int32_t* labels = steps.labels.data<std::int32_t>() + start;
  std::map<std::int32_t, std::int64_t> counts;
  for (std::int64_t t = 0; t < window; ++t) ++counts[labels[t]];
  std::int32_t most = labels[0];
  std::int64_t count = 0;
  for (const auto& [label, steps_of_it] : counts) {
    if (steps_of_it > count && !is_normal(steps, label)) most = label, count = steps_of_it;
  }
  return most;
}

Tensor window_labels(const DataSet& steps, const Starts& starts, std::int64_t window) {
  Tensor result(Shape{static_cast<std::int64_t>(starts.size())}, DType::kI32);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    result.data<std::int32_t>()[i] = window_label(steps, starts[i], window);
  }
  return result;
}

Starts window_starts(const RawData& series, std::int64_t window, std::int64_t stride) {
  Starts starts;
  std::int64_t first = 0;
  for (const std::int64_t length : series.recordings) {
    for (std::int64_t t = 0; t + window <= length; t += stride) starts.push_back(first + t);
    first += length;
  }
  return starts;
}

}  // namespace

bool is_normal(const DataSet& data, std::int32_t label) {
  if (data.classes.empty()) return label == 0;
  const std::string& name = data.classes[static_cast<std::size_t>(label)];
  return name == "0" || name == "0.0" || name == "normal";
}

std::int64_t longest_recording(const RawData& series) {
  const auto& lengths = series.recordings;
  return lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
}

void throw_too_short(const RawData& series, std::int64_t window, const std::string& part) {
  const std::string& path = series.all.source;
  throw Error(fmt::format("window: {}{}{} steps are more than the {} of the longest recording{}",
                          path, path.empty() ? "" : ": ", window, longest_recording(series),
                          part.empty() ? "" : fmt::format("'s {} part", part)));
}

DataSet windows(const RawData& series, std::int64_t window, std::int64_t stride) {
  for (const auto& [name, value] : {std::pair{"window", window}, std::pair{"stride", stride}}) {
    if (value < 1) throw Error(fmt::format("{}: must be at least 1: got {}", name, value));
  }
  const Starts starts = window_starts(series, window, stride);
  if (starts.empty()) throw_too_short(series, window);
  DataSet result = series.all;
  result.kind = DataKind::kSeries;
  result.examples = windows_at(series.all.examples, starts, window);
  if (result.labels.defined()) result.labels = window_labels(series.all, starts, window);
  return result;
}

Tensor overlaid(const Tensor& windows, const RawData& series, std::int64_t stride) {
  const Shape& s = windows.shape();
  const std::int64_t channels = s[1], window = s[2], steps = series.all.count();
  const Starts starts = window_starts(series, window, stride);
  if (static_cast<std::int64_t>(starts.size()) != s[0]) {
    throw Error(fmt::format("overlaid: {} windows for a series of {}", s[0], starts.size()));
  }
  Tensor sums(Shape{steps, channels}, DType::kF64);
  std::vector<double> counts(static_cast<std::size_t>(steps));
  std::int64_t from = 0;
  for (const std::int64_t start : starts) {
    for (std::int64_t t = 0; t < window; ++t) ++counts[static_cast<std::size_t>(start + t)];
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t t = 0; t < window; ++t, ++from) {
        sums.data<double>()[(start + t) * channels + c] += windows.at(from);
      }
    }
  }
  for (std::int64_t i = 0; i < sums.elements(); ++i) {
    sums.data<double>()[i] /= counts[static_cast<std::size_t>(i / channels)];
  }
  return sums;
}

}  // namespace hourglass::nn
