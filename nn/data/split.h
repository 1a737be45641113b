#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "nn/data/data_set.h"

namespace hourglass::nn {

// How examples are divided.
struct SplitOptions {
  // Percent to learn from, to choose by and to judge by; nothing: 80, 10, 10. Of data that bring a
  // test part along that part is kept, and nothing is held out unless asked for.
  std::optional<std::array<std::int64_t, 3>> percent = {};
  std::optional<std::int64_t> validation = {};  // in place of a percentage: so many examples
  std::optional<std::int64_t> images = {};      // of the rest, so many are learnt from
  // An epoch will be chosen: where nothing was said and nothing is held out, 10,000 examples or a
  // sixth of a small training part are.
  bool choosing = false;
  std::uint64_t seed = 0;
  // Of a series: time steps a window, and from one window to the next. 0: it has no windows.
  std::int64_t window = 0, stride = 1;
};

// What is learnt from, chosen by, judged by. A part that is empty has no examples() at all.
struct DataParts {
  DataSet train, validation, test;
};

// Examples are drawn from the seed, by class where there are labels: each part has the classes in
// the proportions of the whole, as far as it goes, and what is learnt from has one example of each
// class, where there is room. Within a part they keep the order of the data. A series is cut by
// time, each recording by itself, before windows are made, so that none reaches over the border.
// Throws Error, naming the option, where too few are left or options contradict each other.
DataParts split(const RawData& data, const SplitOptions& options);

// The data with a test part in any case: their own, or the one that split() would hold out of them.
// Throws Error where that does.
RawData with_test(const RawData& data, const SplitOptions& options);

// The labels that examples of the data have, the test part's too, and none of `some` has, ascending.
std::vector<std::int32_t> missing_classes(const RawData& data, const DataSet& some);

}  // namespace hourglass::nn
