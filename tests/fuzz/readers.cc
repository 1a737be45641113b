#include "tests/fuzz/readers.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "ae/model/model_file.h"
#include "nn/data/formats/format.h"
#include "nn/data/read_data.h"
#include "tensor/error.h"
#include "tests/fuzz/memory_file.h"
#include "tools/config_file.h"
#include "tools/run_folder.h"

namespace hourglass::fuzz {
namespace {

const MemoryFile& file_of(std::string_view bytes) {
  static const MemoryFile file;
  file.put(bytes);
  return file;
}

// The ways in which one byte may have the others read.
nn::ReadOptions options_of(const std::string& format, std::uint8_t way) {
  const auto bit = [&](int i) { return (way >> i & 1) != 0; };
  nn::ReadOptions options{.format = format};
  if (const int kind = way & 7; kind > 0 && kind <= 5) {
    options.kind = static_cast<nn::DataKind>(kind - 1);
  }
  options.missing = bit(3) ? nn::Missing::kMask : bit(4) ? nn::Missing::kDrop : options.missing;
  options.decimal_comma = options.grey = bit(5);
  if (bit(6)) options.label = "last";
  if (bit(6)) options.resize = {.height = 3, .width = 5};
  if (bit(7)) options.category = {"1"};
  options.any_range = bit(7);
  return options;
}

// The last byte says how the others are read. What was read once is read again as a model that has
// learnt from it would have it.
void read_format(const std::string& format, std::string_view bytes) {
  if (bytes.empty()) return;
  const MemoryFile& file = file_of(bytes.substr(0, bytes.size() - 1));
  nn::ReadOptions options = options_of(format, static_cast<std::uint8_t>(bytes.back()));
  const nn::RawData data = nn::read_data(file.path(), options);
  nn::check(data.all);
  options.schema = nn::schema_of(data);
  nn::read_data(file.path(), options);
}

void read_config(std::string_view bytes) {
  to_json(tools::read_config_file(file_of(bytes).path()));
}

void read_model(std::string_view bytes) { ae::load_model(file_of(bytes).path()); }

void read_toml(std::string_view bytes) {
  std::istringstream input{std::string(bytes)};
  try {
    tools::read_toml(input);
  } catch (const tools::ConfigError& error) {
    throw Error(error.what());
  }
}

}  // namespace

std::vector<Reader> readers() {
  std::vector<Reader> all = {{"config", read_config}, {"model", read_model}, {"toml", read_toml}};
  for (const internal::Format* format : internal::all_formats()) {
    const std::string name(format->name);
    all.push_back({name, [name](std::string_view bytes) { read_format(name, bytes); }});
    if (name == "png") all.back().mend = mend_png;
    if (name == "npz") all.back().mend = mend_zip;
  }
  return all;
}

}  // namespace hourglass::fuzz
