#include <fmt/core.h>
#include <zlib.h>

#include <set>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/input_file.h"
#include "tensor/files/npy.h"
#include "tensor/files/zip.h"

namespace hourglass {

using namespace internal;

namespace {

using internal::ZipMember;
using internal::ZipWriter;

constexpr std::string_view kSuffix = ".npy";

std::string array_name(const InputFile& file, const ZipMember& member) {
  if (!member.name.ends_with(kSuffix)) {
    file.fail_at(member.entry, fmt::format("{}: expected a member that ends in .npy",
                                           printable(member.name, 100)));
  }
  return member.name.substr(0, member.name.size() - kSuffix.size());
}

Coding coding_of(const ZipMember& member) {
  return member.deflated ? Coding::kDeflate : Coding::kPlain;
}

StoredTensor read_member(const InputFile& file, const ZipMember& member) {
  ByteStream stream(file, member.first, member.last, coding_of(member),
                    printable(member.name, 100));
  stream.track_crc();
  const std::uint64_t start = stream.offset();
  StoredTensor tensor = internal::read_npy(stream);
  if (stream.offset() - start != member.size) {
    file.fail_at(member.entry,
                 fmt::format("{}: unpacks to {} bytes, the directory says {}",
                             printable(member.name, 100), stream.offset() - start, member.size));
  }
  if (stream.crc() != member.crc) {
    file.fail_at(member.first, fmt::format("{}: the data are corrupt: CRC {:08x}, expected {:08x}",
                                           printable(member.name, 100), stream.crc(), member.crc));
  }
  return tensor;
}

// Learns the size and the checksum, which a ZIP file states before the data.
class Measure : public ByteSink {
 public:
  void write(const void* data, std::size_t n) override {
    size += n;
    crc = static_cast<std::uint32_t>(crc32_z(crc, static_cast<const Bytef*>(data), n));
  }
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
};

bool is_safe_name(std::string_view name) {
  return !name.empty() && name[0] != '/' && name.find("..") == std::string_view::npos &&
         name.find('\\') == std::string_view::npos && name.find('\0') == std::string_view::npos &&
         name.size() + kSuffix.size() <= 65535;
}

// Refuses what could not be written, before anything is.
void check_npz_names(const std::vector<NamedTensor>& tensors) {
  if (tensors.size() >= 65535) {
    throw Error(fmt::format("write_npz: {} arrays: expected less than 65535", tensors.size()));
  }
  std::set<std::string_view> names;
  std::uint64_t total = ZipWriter::kEndBytes;
  for (const NamedTensor& t : tensors) {
    const std::string shown = in_quotes(t.name);
    if (!is_safe_name(t.name)) throw Error(fmt::format("write_npz: not a usable name: {}", shown));
    if (!names.insert(t.name).second) {
      throw Error(fmt::format("write_npz: name used twice: {}", shown));
    }
    if (!t.value.defined()) {
      throw Error(fmt::format("write_npz: the tensor {} is undefined", shown));
    }
    total += ZipWriter::overhead(t.name + std::string(kSuffix)) + t.value.bytes() +
             internal::npy_header(t.value.shape(), t.value.dtype()).size();
    if (total > UINT32_MAX) {
      throw Error("write_npz: an archive of 4 GiB or more: use one .npy file each");
    }
  }
}

}  // namespace

std::vector<NamedTensor> read_npz(const std::string& path) {
  const InputFile file(path, "read_npz");
  std::vector<NamedTensor> tensors;
  std::set<std::string> names;
  for (const ZipMember& member : internal::read_zip_directory(file)) {
    std::string name = array_name(file, member);
    if (!names.insert(name).second) {
      file.fail_at(member.entry,
                   fmt::format("{}: a second member of this name", printable(member.name, 100)));
    }
    tensors.push_back({std::move(name), read_member(file, member).value});
  }
  return tensors;
}

std::vector<ArrayHeader> internal::npz_arrays(const std::string& path) {
  const InputFile file(path, "read_npz");
  std::vector<ArrayHeader> arrays;
  for (const ZipMember& member : internal::read_zip_directory(file)) {
    if (!member.name.ends_with(kSuffix)) continue;
    ByteStream stream(file, member.first, member.last, coding_of(member));
    try {
      arrays.push_back(read_npy_header(stream, array_name(file, member)));
    } catch (const FileError&) {  // names, strings, objects: said when it is asked for
    }
  }
  return arrays;
}

Tensor read_npz(const std::string& path, std::string_view name) {
  return read_stored_npz(path, name).value;
}

StoredTensor internal::read_stored_npz(const std::string& path, std::string_view name) {
  const InputFile file(path, "read_npz");
  std::string found;
  for (const ZipMember& member : internal::read_zip_directory(file)) {
    const std::string other = array_name(file, member);
    if (other == name) return read_member(file, member);
    found += (found.empty() ? "" : ", ") + printable(other, 100);
  }
  file.fail(fmt::format("no array {}: found {}", in_quotes(name), printable(found, 400)));
}

void write_npz(const std::string& path, const std::vector<NamedTensor>& tensors) {
  check_npz_names(tensors);
  AtomicFile file(path, "write_npz");
  ZipWriter zip(file);
  for (const NamedTensor& t : tensors) {
    Measure measure;
    internal::write_npy(measure, t.value);
    zip.begin(t.name + std::string(kSuffix), static_cast<std::uint32_t>(measure.size), measure.crc);
    internal::write_npy(file, t.value);
  }
  zip.finish();
  file.commit();
}

}  // namespace hourglass
