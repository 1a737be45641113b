#include "tools/report/same_examples.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tensor/files/images.h"
#include "tools/example_files.h"
#include "tools/pictures.h"
#include "tools/reasons.h"
#include "tools/report/data_uri.h"

namespace hourglass::tools {
namespace {

constexpr std::int64_t kPictures = 12, kSide = 48;
constexpr std::int64_t kComparedWindows = 6, kComparedRows = 6;
constexpr std::size_t kColumns = 12;

// [C][T] or [D] numbers of an example.
Json numbers_of(const Tensor& examples, std::int64_t place) {
  const Shape& s = examples.shape();
  const std::int64_t channels = s.rank() > 2 ? s[1] : 1, width = s.elements() / s[0] / channels;
  Json all = Json::array();
  for (std::int64_t c = 0; c < channels; ++c) {
    Json channel = Json::array();
    for (std::int64_t t = 0; t < width; ++t) {
      channel.push_back(rounded(examples.at((place * channels + c) * width + t)));
    }
    all.push_back(channel);
  }
  return s.rank() > 2 ? all : all[0];
}

double mean_error(const LookedAt& looked) {
  double sum = 0;
  for (const double score : looked.scores) sum += score;
  return sum / static_cast<double>(looked.scores.size());
}

std::string line_of(const Tensor& images) {
  const std::int64_t n = std::min(kPictures, images.shape()[0]);
  const Tensor small = reduced(pictures(images.rows(0, n)), kSide);
  return png_uri(image_grid(small, {.columns = static_cast<int>(n), .gap = 1}));
}

Json picture_lines(const std::vector<Seen>& all) {
  Json lines = Json::array();
  for (const Seen& each : all) {
    lines.push_back({{"name", each.name},
                     {"error", rounded(mean_error(each.looked))},
                     {"picture", line_of(each.looked.reconstructions)}});
  }
  return {{"originals", line_of(all[0].looked.examples)}, {"runs", lines}};
}

Json numbers_of_all(const std::vector<Seen>& all, std::int64_t place) {
  Json example = {{"number", all[0].looked.numbers[static_cast<std::size_t>(place)]},
                  {"original", numbers_of(all[0].looked.examples, place)},
                  {"reconstructions", Json::array()}};
  for (const Seen& each : all) {
    example["reconstructions"].push_back(numbers_of(each.looked.reconstructions, place));
  }
  return example;
}

Json names_of(const std::vector<Seen>& all) {
  Json names = Json::array();
  for (const Seen& each : all) names.push_back(each.name);
  return names;
}

Json channels_of(const nn::DataSet& data) {
  Json channels = Json::array();
  for (std::int64_t c = 0; c < data.examples.shape()[1]; ++c) {
    channels.push_back(column_name(data, static_cast<std::size_t>(c)));
  }
  return channels;
}

// Of wide examples the columns with the largest numbers alone.
Json row_of_all(const std::vector<Seen>& all, std::int64_t place) {
  const Json numbers = numbers_of_all(all, place);
  const nn::DataSet& data = all[0].looked.data;
  const std::vector<double> values = all[0].looked.examples.rows(place, place + 1).values();
  std::vector<std::size_t> columns(values.size());
  for (std::size_t c = 0; c < columns.size(); ++c) columns[c] = c;
  if (columns.size() > kColumns) columns = largest_first(values);
  Json row = {{"number", numbers["number"]}, {"columns", Json::array()}};
  for (std::size_t c = 0; c < std::min(kColumns, columns.size()); ++c) {
    const std::size_t column = columns[c];
    Json entry = {{"name", column_name(data, column)},
                  {"value", numbers["original"][column]},
                  {"reconstructions", Json::array()}};
    for (const Json& one : numbers["reconstructions"])
      entry["reconstructions"].push_back(one[column]);
    row["columns"].push_back(entry);
  }
  return row;
}

}  // namespace

void add_same_examples(Json& comparison, const std::vector<Seen>& all) {
  if (all.empty()) return;
  const LookedAt& first = all[0].looked;
  const std::int64_t n = first.data.count();
  if (first.data.kind == nn::DataKind::kImage) {
    comparison["pictures"] = picture_lines(all);
    return;
  }
  Json examples = Json::array();
  const bool series = first.data.kind == nn::DataKind::kSeries;
  for (std::int64_t i = 0; i < std::min(series ? kComparedWindows : kComparedRows, n); ++i) {
    examples.push_back(series ? numbers_of_all(all, i) : row_of_all(all, i));
  }
  if (series) {
    comparison["windows"] = {
        {"names", names_of(all)}, {"channels", channels_of(first.data)}, {"windows", examples}};
  } else {
    comparison["rows"] = {{"names", names_of(all)}, {"rows", examples}};
  }
}

}  // namespace hourglass::tools
