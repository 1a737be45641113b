#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "ae/model/input_scale.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tools/commands.h"
#include "tools/data.h"
#include "tools/describe.h"
#include "tools/example_files.h"
#include "tools/field_options.h"

namespace hourglass::tools {

using namespace internal;
namespace {

constexpr std::int64_t kOnASheet = 100;  // pictures
constexpr std::size_t kInAList = 40;     // columns, where there are more: pixels, words

struct DataArguments {
  std::string path;
  std::optional<std::string> sheet;
  FieldOptions<DataOptions> reading{data_fields()};
  bool json = false;
};

// What is known of one column, or of one channel of a series.
struct Column {
  std::string name;
  double least = 0, mean = 0, most = 0;
  std::int64_t missing = 0;
  bool constant = false;
};

// The numbers as a table: a row an example, or of a series a row a time step.
std::vector<Column> columns_of(const nn::DataSet& data) {
  const std::int64_t width = data.width();
  std::vector<std::int64_t> missing(static_cast<std::size_t>(width));
  ae::ColumnStatistics statistics;
  nn::for_chunks(data.rows(), [&](const Tensor& rows, std::int64_t) {
    statistics.add(rows);
    for (std::int64_t i = 0; i < rows.elements(); ++i) {
      if (std::isnan(rows.at(i))) ++missing[static_cast<std::size_t>(i % width)];
    }
  });
  const Tensor mean = statistics.mean(), least = statistics.least(), most = statistics.most();
  std::vector<Column> columns(static_cast<std::size_t>(width));
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto at = static_cast<std::int64_t>(c);
    columns[c] = {column_name(data, c), least.at(at), mean.at(at),
                  most.at(at),          missing[c],   most.at(at) == least.at(at)};
  }
  return columns;
}

// How many examples each class has, by its name.
std::vector<std::pair<std::string, std::int64_t>> class_sizes(const nn::DataSet& data) {
  std::map<std::int32_t, std::int64_t> sizes;
  if (!data.labels.defined()) return {};
  for (std::int64_t i = 0; i < data.labels.elements(); ++i) {
    ++sizes[data.labels.data<std::int32_t>()[i]];
  }
  std::vector<std::pair<std::string, std::int64_t>> named;
  for (const auto& [label, size] : sizes) named.emplace_back(class_name(data, label), size);
  return named;
}

std::string_view stored_type(const nn::DataSet& data) {
  return data.stored ? name_of(*data.stored) : name_of(data.examples.dtype());
}

std::string form_of(const nn::RawData& data) {
  if (data.all.kind != nn::DataKind::kSeries) return counted(data.all.count(), data.all);
  const std::int64_t channels = data.all.examples.shape()[1];
  const std::size_t recordings = data.recordings.size();
  return fmt::format("{} of {} in {}", internal::counted(data.all.count(), "time step"),
                     internal::counted(channels, "channel"),
                     internal::counted(recordings, "recording"));
}

Json data_json(const nn::RawData& data) {
  Json j = {{"kind", nn::name_of(data.all.kind)},
            {"count", data.all.count()},
            {"test", data.test ? data.test->count() : 0},
            {"shape", data.all.example_shape().sizes()},
            {"dtype", stored_type(data.all)},
            {"checksum", nn::checksum(data)}};
  j["classes"] = Json::object();
  for (const auto& [name, size] : class_sizes(data.all)) j["classes"][name] = size;
  if (data.all.kind == nn::DataKind::kImage) return j;
  j["columns"] = Json::array();
  for (const Column& c : columns_of(data.all)) {
    j["columns"].push_back({{"name", c.name},
                            {"least", c.least},
                            {"mean", c.mean},
                            {"most", c.most},
                            {"missing", c.missing},
                            {"constant", c.constant}});
  }
  return j;
}

void print_statistics(const std::vector<Column>& columns) {
  fmt::print("{:<24} {:>12} {:>12} {:>12} {:>8}\n", "column", "least", "mean", "largest",
             "missing");
  for (std::size_t c = 0; c < std::min(columns.size(), kInAList); ++c) {
    const Column& each = columns[c];
    fmt::print("{:<24} {:>12.5g} {:>12.5g} {:>12.5g} {:>8}{}\n", printable(each.name, 24),
               each.least, each.mean, each.most, each.missing, each.constant ? "  constant" : "");
  }
  if (columns.size() > kInAList) fmt::print("and {} more\n", columns.size() - kInAList);
  const auto constant = std::count_if(columns.begin(), columns.end(),
                                      [](const Column& each) { return each.constant; });
  if (constant > 0)
    fmt::print("constant: {} of {}\n", constant, internal::counted(columns.size(), "column"));
}

void print_range(const nn::DataSet& images) {
  double least = HUGE_VAL, most = -HUGE_VAL;
  nn::for_chunks(images.examples, [&](const Tensor& part, std::int64_t) {
    for (std::int64_t i = 0; i < part.elements(); ++i) {
      least = std::min(least, part.at(i));
      most = std::max(most, part.at(i));
    }
  });
  fmt::print("pixels from {:.6g} to {:.6g}\n", least, most);
}

void print_data(const nn::RawData& data) {
  for (const std::string& note : data.notes) fmt::print("{}\n", printable(note));
  fmt::print("{}, {}, stored as {}\n", form_of(data),
             data.test ? fmt::format("and a test part of {}", data.test->count())
                       : std::string("without a test part of their own"),
             stored_type(data.all));
  const auto classes = class_sizes(data.all);
  if (classes.empty()) fmt::print("no labels\n");
  if (!classes.empty()) {
    fmt::print("{}:", internal::counted(classes.size(), "class"));
    for (const auto& [name, size] : classes) fmt::print(" {} ({})", printable(name, 40), size);
    fmt::print("\n");
  }
  fmt::print("checksum {}\n", nn::checksum(data));
  if (data.all.kind == nn::DataKind::kImage) return print_range(data.all);
  print_statistics(columns_of(data.all));
}

void write_sheet(const std::string& path, const nn::DataSet& data) {
  if (data.kind != nn::DataKind::kImage) {
    throw Error(
        fmt::format("data: output: a sheet shows images: these are {}", nn::kind_text(data)));
  }
  if (!path.ends_with(".png")) {
    throw Error(fmt::format("data: output: {}: expected a name that ends in .png", path));
  }
  const std::int64_t n = std::min(data.count(), kOnASheet);
  write_examples(path, data.range(0, n));
  fmt::print("wrote the first {} to {}\n", internal::counted(n, "image"), path);
}

int show(const DataArguments& a) {
  DataOptions options;
  a.reading.apply(options);
  options.read.any_range = true;
  if (options.read.missing == nn::Missing::kRefuse) options.read.missing = nn::Missing::kMask;
  if (options.read.kind == nn::DataKind::kSeries && options.window == 0) options.window = 1;
  const nn::RawData data = load_data(a.path, options);
  if (a.json) {
    fmt::print("{}\n", json_text(data_json(data), 2));
  } else {
    print_data(data);
  }
  if (a.sheet) write_sheet(*a.sheet, data.all);
  return kDone;
}

void add_data(CommandLine& program) {
  auto arguments = std::make_shared<DataArguments>();
  DataArguments& a = *arguments;
  const Command command = program.add_command(
      "data", "What would be learnt from a path: kind, shape, classes, columns");
  command.add_option("path", a.path, data_help("(nothing: built-in digits)"));
  command.add_option("-o,--output", a.sheet, "A contact sheet of the first images: .png");
  command.add_flag("--json", a.json, "As JSON");
  a.reading.add_to(command);
  command.set_action([arguments] { return show(*arguments); });
}

const CommandEntry kDataEntry(11, add_data);

}  // namespace
}  // namespace hourglass::tools
