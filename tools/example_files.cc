#include "tools/example_files.h"

#include <fmt/core.h>

#include <algorithm>

#include "ae/model/fit_to.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/csv_write.h"
#include "tensor/files/idx.h"
#include "tensor/files/images.h"
#include "tensor/files/npy.h"
#include "tensor/files/png.h"
#include "tools/pictures.h"

namespace hourglass::tools {
namespace {

using nn::DataKind;

constexpr std::int64_t kOneLine = 12;  // images that a sheet shows side by side

// Flat images have the model's width and no shape of their own.
void in_shape(nn::DataSet& data, const RunConfig& run) {
  const Shape wanted = run.spec.example_shape();
  const bool flat = data.kind == DataKind::kRow || data.kind == DataKind::kActivations;
  if (run.kind != DataKind::kImage || !flat || data.width() != wanted.elements()) return;
  data.kind = run.kind;
  data.columns.clear();
  data.examples = data.examples.reshape(wanted.with_axis(0, data.count()));
}

void append(nn::DataSet& all, const nn::DataSet& more) {
  const bool alike =
      all.examples.dtype() == more.examples.dtype() && all.example_shape() == more.example_shape();
  if (!alike) {
    throw Error(fmt::format("data: {} holds {} of {}, {} {} of {}", all.source, nn::kind_text(all),
                            name_of(all.examples.dtype()), more.source, nn::kind_text(more),
                            name_of(more.examples.dtype())));
  }
  all.examples = nn::concatenated({all.examples, more.examples});
  if (!all.labels.defined() || !more.labels.defined()) {
    all.labels = {};
  } else {
    all.labels = nn::concatenated({all.labels, more.labels}).tensor();
  }
}

void write_png_sheet(const std::string& path, const Tensor& pixels, int columns) {
  const std::int64_t n = pixels.shape()[0];
  const Tensor images = pictures(pixels);
  if (n == 1) return write_png(path, images.reshape(images.shape().without_axis(0)));
  if (columns == 0 && n <= kOneLine) columns = static_cast<int>(n);
  const int scale = std::max(pixels.shape()[2], pixels.shape()[3]) <= 64 ? 2 : 1;
  write_png(path, image_grid(images, {.columns = columns, .scale = scale}));
}

// A part at a time, so that they may be more than fit in memory.
void write_npy_rows(const std::string& path, const nn::Rows& rows) {
  internal::AtomicFile file(path, "write_npy");
  file.write(internal::npy_header(rows.shape(), rows.dtype()));
  nn::for_chunks(rows, [&](const Tensor& part, std::int64_t) {
    write_numbers(file, part, ByteOrder::kLittle);
  });
  file.commit();
}

void write_images(const std::string& path, const nn::Rows& pixels, int columns) {
  if (path.ends_with(".png")) return write_png_sheet(path, pixels, columns);
  const Shape& s = pixels.shape();
  const nn::Rows kept = s[1] == 1 ? pixels.reshape(s.without_axis(1)) : pixels;
  if (path.ends_with(".npy")) return write_npy_rows(path, kept);
  write_idx(path, to_u8_image(kept));
}

// Windows [N, C, T] as a table: their number, then the channels, a row a time step.
void write_windows(const std::string& path, const nn::DataSet& data) {
  const Tensor windows = data.examples.tensor();
  const Shape& s = windows.shape();
  const std::int64_t n = s[0], channels = s[1], steps = s[2];
  std::vector<std::vector<std::string>> records = {{"window"}};
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto i = static_cast<std::size_t>(c);
    records[0].push_back(i < data.columns.size() ? data.columns[i]
                                                 : fmt::format("channel {}", c + 1));
  }
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t t = 0; t < steps; ++t) {
      std::vector<std::string>& record = records.emplace_back();
      record.push_back(std::to_string(i));
      for (std::int64_t c = 0; c < channels; ++c) {
        record.push_back(csv_number(windows, (i * channels + c) * steps + t));
      }
    }
  }
  write_csv_records(path, records);
}

const nn::Category& category_at(const nn::DataSet& data, std::int64_t first) {
  return *std::find_if(data.categories.begin(), data.categories.end(),
                       [&](const nn::Category& each) { return each.first == first; });
}

// A number, or the most probable word of a category.
std::string field_text(const nn::DataSet& data, const Tensor& numbers, std::int64_t row,
                       const ae::ColumnRange& column) {
  const std::int64_t at = row * data.width() + column.first;
  if (!column.category) return csv_number(numbers, at);
  const std::int64_t word = visit_real(numbers.dtype(), [&](auto zero) {
    return ae::word_of(numbers.data<decltype(zero)>() + at, column);
  });
  if (word < 0) return "";
  return category_at(data, column.first).words[static_cast<std::size_t>(word)];
}

// Rows with categories. Where no header named the columns, and they are called by their numbers,
// there is none.
void write_words(const std::string& path, const nn::DataSet& data,
                 const std::vector<ae::ColumnRange>& columns) {
  std::vector<std::vector<std::string>> records(1);
  bool named = false;
  for (const ae::ColumnRange& column : columns) {
    const std::string& name = records[0].emplace_back(column_name(data, column));
    named = named || name.find_first_not_of("0123456789") != std::string::npos;
  }
  if (!named) records.clear();
  const Tensor numbers = data.examples.tensor();
  for (std::int64_t i = 0; i < data.count(); ++i) {
    std::vector<std::string>& record = records.emplace_back();
    for (const ae::ColumnRange& c : columns) record.push_back(field_text(data, numbers, i, c));
  }
  write_csv_records(path, records);
}

}  // namespace

nn::RawData read_examples(const char* who, const std::vector<std::string>& paths,
                          const RunConfig& run) {
  const DataOptions options = reading_of(run);
  nn::RawData all;
  for (const std::string& path : paths) {
    nn::RawData data = load_data(path, options);
    if (data.test) append(data.all, *data.test);
    in_shape(data.all, run);
    // Windows are cut by whoever needs them: their shape is known.
    const bool series = options.window > 0;
    check_examples(who, run, data.all,
                   series ? Shape{data.all.width(), options.window} : data.all.example_shape());
    if (all.all.examples.defined()) {
      append(all.all, data.all);
      all.recordings.insert(all.recordings.end(), data.recordings.begin(), data.recordings.end());
    } else {
      all = std::move(data);
    }
  }
  all.test.reset();
  return all;
}

std::int64_t trained_on(const RunConfig& run, const nn::RawData& data) {
  return !run.checksum.empty() && nn::checksum(data) == run.checksum ? run.images : 0;
}

std::string trained_on_text(const RunConfig& run, const nn::RawData& data) {
  const std::int64_t count = trained_on(run, data);
  return count == 0 ? "" : fmt::format(": {} of them were trained on", count);
}

void check_output(const std::string& path, DataKind kind) {
  const std::vector<std::string_view> endings =
      kind == DataKind::kImage ? std::vector<std::string_view>{".idx", ".idx.gz", ".npy", ".png"}
                               : std::vector<std::string_view>{".csv", ".npy"};
  check_ending(path, endings);
}

void check_ending(const std::string& path, const std::vector<std::string_view>& endings,
                  std::string_view option) {
  for (const std::string_view ending : endings) {
    if (path.ends_with(ending)) return;
  }
  throw Error(
      fmt::format("{}: {}: expected a name that ends in {}", option, path, either_of(endings)));
}

void write_examples(const std::string& path, const nn::DataSet& data, int columns) {
  if (data.kind == DataKind::kImage) return write_images(path, data.examples, columns);
  if (path.ends_with(".npy")) return write_npy_rows(path, data.examples);
  if (data.examples.shape().rank() == 3) return write_windows(path, data);
  const std::vector<std::int64_t> categories = ae::form_of(data).categories;
  if (categories.empty()) return write_csv(path, data.columns, data.examples.tensor());
  write_words(path, data, ae::table_columns(categories, data.width()));
}

std::string column_name(const nn::DataSet& data, const ae::ColumnRange& column) {
  if (column.category) return category_at(data, column.first).name;
  return column_name(data, static_cast<std::size_t>(column.first));
}

std::string column_name(const nn::DataSet& data, std::size_t column) {
  return column < data.columns.size() ? data.columns[column] : std::to_string(column + 1);
}

nn::DataSet examples_like(const RunConfig& run, const nn::Rows& examples) {
  nn::DataSet data{.kind = run.kind, .examples = examples};
  data.columns = run.schema.columns;
  data.categories = run.schema.categories;
  return data;
}

}  // namespace hourglass::tools
