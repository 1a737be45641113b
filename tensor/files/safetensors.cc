#include "tensor/files/safetensors.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/input_file.h"
#include "tensor/files/numbers.h"
#include "tensor/files/safetensors_header.h"

namespace hourglass {

using namespace internal;

namespace {

using internal::SafetensorsEntry;
using internal::SafetensorsHeader;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxJsonHeader = 100'000'000;  // the reference implementation's limit

std::string read_header_text(const InputFile& file) {
  if (file.size() < kLengthBytes) {
    file.fail_at(
        0, fmt::format("not a safetensors file: expected 8 bytes of header length, found {}: {}",
                       file.size(), looks_like(file.head(64))));
  }
  std::array<unsigned char, kLengthBytes> bytes;
  file.read_at(0, bytes.data(), bytes.size());
  std::uint64_t length = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) length = length << 8 | bytes[i];
  if (length > kMaxJsonHeader) {
    file.fail_at(0, fmt::format("a header of {} bytes: expected at most {}: this looks like {}",
                                length, kMaxJsonHeader, looks_like(file.head(64))));
  }
  if (length > file.size() - kLengthBytes) {
    file.fail_at(0, fmt::format("the header breaks off: expected {}, found {}", bytes_text(length),
                                file.size() - kLengthBytes));
  }
  std::string text(static_cast<std::size_t>(length), '\0');
  file.read_at(kLengthBytes, text.data(), text.size());
  if (text.empty() || text[0] != '{') {
    file.fail_at(kLengthBytes, fmt::format("the header must begin with '{{': found '{}'",
                                           printable(text.substr(0, 1))));
  }
  return text;
}

// Every tensor has the bytes that its dtype and shape need, and each begins where the one before
// ends.
void check_layout(const InputFile& file, std::vector<SafetensorsEntry>& entries,
                  std::uint64_t data) {
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t end = 0;
  for (const SafetensorsEntry& entry : entries) {
    const std::uint64_t at = kLengthBytes + entry.position;
    if (entry.begin != end || entry.end < entry.begin) {
      file.fail_at(at, fmt::format("{}: data_offsets [{}, {}] {}: expected them to begin at {}",
                                   in_quotes(entry.name), entry.begin, entry.end,
                                   entry.end < entry.begin ? "run backwards"
                                   : entry.begin < end     ? "overlap another tensor's"
                                                           : "leave a hole",
                                   end));
    }
    const std::optional<std::uint64_t> bytes = bytes_of(entry.stored, entry.sizes);
    if (!bytes || *bytes != entry.end - entry.begin) {
      file.fail_at(
          at,
          fmt::format("{}: data_offsets [{}, {}] hold {}, but {} {} needs {}",
                      in_quotes(entry.name), entry.begin, entry.end,
                      bytes_text(entry.end - entry.begin), internal::safetensors_name(entry.stored),
                      sizes_text(entry.sizes), bytes ? std::to_string(*bytes) : "more than 2^61"));
    }
    end = entry.end;
  }
  const std::uint64_t found = file.size() - data;
  if (end > found) {
    file.fail_at(file.size(),
                 fmt::format("the data break off: expected {}, found {}", bytes_text(end), found));
  }
  if (end < found) {
    file.fail_at(data + end, fmt::format("{} too many after the data", bytes_text(found - end)));
  }
}

std::string json_string(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw Error(fmt::format(
        "write_safetensors: not UTF-8: {}",
        nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)));
  }
}

void check_writable(const NamedTensor& t, std::set<std::string_view>& names) {
  if (!names.insert(t.name).second) {
    throw Error("write_safetensors: name used twice or reserved: " + in_quotes(t.name));
  }
  if (!t.value.defined()) {
    throw Error(fmt::format("write_safetensors: the tensor {} is undefined", in_quotes(t.name)));
  }
}

std::string header_text(const std::vector<NamedTensor>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  std::string text = "{";
  const auto append = [](std::string& list, const std::string& item) {
    if (list.back() != '{') list += ',';
    list += item;
  };
  if (!metadata.empty()) {
    std::string pairs = "{";
    for (const auto& [name, value] : metadata)
      append(pairs, json_string(name) + ":" + json_string(value));
    append(text, "\"__metadata__\":" + pairs + "}");
  }
  std::set<std::string_view> names = {"__metadata__"};
  std::uint64_t begin = 0;
  for (const NamedTensor& t : tensors) {
    check_writable(t, names);
    const std::uint64_t end = begin + t.value.bytes();
    append(text,
           fmt::format("{}:{{\"dtype\":\"{}\",\"shape\":{},\"data_offsets\":[{},{}]}}",
                       json_string(t.name), internal::safetensors_name(stored_as(t.value.dtype())),
                       nlohmann::json(t.value.shape().sizes()).dump(), begin, end));
    begin = end;
  }
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxJsonHeader) {
    throw Error(fmt::format("write_safetensors: a header of {} bytes: at most {}", text.size(),
                            kMaxJsonHeader));
  }
  return text;
}

// The header, and where the data begin.
std::pair<SafetensorsHeader, std::uint64_t> read_header(const InputFile& file) {
  const std::string text = read_header_text(file);
  SafetensorsHeader header =
      internal::parse_safetensors_header(text, [&](std::size_t position, const std::string& what) {
        file.fail_at(kLengthBytes + position, what);
      });
  const std::uint64_t data = kLengthBytes + text.size();
  check_layout(file, header.entries, data);
  return {std::move(header), data};
}

const SafetensorsEntry& entry_named(const InputFile& file, const SafetensorsHeader& header,
                                    std::string_view name) {
  for (const SafetensorsEntry& entry : header.entries) {
    if (entry.name == name) return entry;
  }
  file.fail("no tensor " + in_quotes(name));
}

StoredTensor read_entry(const InputFile& file, const SafetensorsEntry& entry, std::uint64_t data) {
  ByteStream stream(file, data + entry.begin, data + entry.end, Coding::kPlain,
                    in_quotes(entry.name));
  return {read_numbers(stream, entry.stored, ByteOrder::kLittle, entry.sizes,
                       kLengthBytes + entry.position),
          entry.stored};
}

}  // namespace

const Tensor* Safetensors::find(std::string_view name) const {
  for (const NamedTensor& t : tensors) {
    if (t.name == name) return &t.value;
  }
  return nullptr;
}

Safetensors read_safetensors(const std::string& path) {
  const InputFile file(path, "read_safetensors");
  auto [header, data] = read_header(file);
  Safetensors result{{}, std::move(header.metadata)};
  for (SafetensorsEntry& entry : header.entries) {
    Tensor tensor = read_entry(file, entry, data).value;
    result.tensors.push_back({std::move(entry.name), std::move(tensor)});
  }
  return result;
}

std::map<std::string, std::string> internal::safetensors_metadata(const std::string& path) {
  return read_header(InputFile(path, "read_safetensors")).first.metadata;
}

std::vector<ArrayHeader> internal::safetensors_arrays(const std::string& path) {
  const InputFile file(path, "read_safetensors");
  std::vector<ArrayHeader> arrays;
  for (SafetensorsEntry& entry : read_header(file).first.entries) {
    arrays.push_back({std::move(entry.name), entry.stored, std::move(entry.sizes)});
  }
  return arrays;
}

StoredTensor internal::read_stored_safetensors(const std::string& path, std::string_view name) {
  const InputFile file(path, "read_safetensors");
  const auto [header, data] = read_header(file);
  return read_entry(file, entry_named(file, header, name), data);
}

std::optional<MappedArray> internal::mapped_safetensors(const std::string& path,
                                                        std::string_view name) {
  auto file = std::make_unique<InputFile>(path, "read_safetensors");
  if (file->size() < kMappedBytes) return std::nullopt;
  const auto [header, data] = read_header(*file);
  const SafetensorsEntry& entry = entry_named(*file, header, name);
  return MappedArray(std::move(file),
                     {entry.stored, ByteOrder::kLittle, entry.sizes, data + entry.begin});
}

void write_safetensors(ByteSink& sink, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  const std::string header = header_text(tensors, metadata);
  std::string length;
  for (int shift = 0; shift < 64; shift += 8)
    length += static_cast<char>(header.size() >> shift & 255);
  sink.write(length);
  sink.write(header);
  for (const NamedTensor& t : tensors) write_numbers(sink, t.value, ByteOrder::kLittle);
}

void write_safetensors(const std::string& path, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata, Durability durability) {
  AtomicFile file(path, "write_safetensors");
  write_safetensors(file, tensors, metadata);
  file.commit(durability);
}

}  // namespace hourglass
