#include "tensor/files/zip.h"

#include <fmt/core.h>

#include <algorithm>
#include <concepts>
#include <optional>

namespace hourglass::internal {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kEntrySignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::size_t kLocalBytes = 30, kEntryBytes = 46, kEndBytes = 22, kEnd64Bytes = 56,
                      kLocator64Bytes = 20;

// The little-endian integer at `at`; callers have checked the length.
template <std::unsigned_integral T>
T get(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) {
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[at + i]));
  }
  return value;
}

template <std::unsigned_integral T>
void put(std::string& bytes, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes += static_cast<char>(value >> (8 * i) & 255);
}

std::string read_bytes(const InputFile& file, std::uint64_t offset, std::size_t n) {
  std::string bytes(n, '\0');
  file.read_at(offset, bytes.data(), n);
  return bytes;
}

struct Directory {
  std::uint64_t offset = 0, size = 0, count = 0;
};

// The end record is the last thing in the file but for a comment of up to 65535 bytes.
std::uint64_t find_end(const InputFile& file) {
  const std::size_t n =
      static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), kEndBytes + 65535));
  const std::string tail = read_bytes(file, file.size() - n, n);
  for (std::size_t at = n < kEndBytes ? 0 : n - kEndBytes + 1; at-- > 0;) {
    const bool found = get<std::uint32_t>(tail, at) == kEndSignature &&
                       at + kEndBytes + get<std::uint16_t>(tail, at + 20) == n;
    if (found) return file.size() - n + at;
  }
  if (file.head(4) == std::string_view("PK\3\4")) {
    file.fail_at(file.size(), "the archive breaks off: it has no directory at its end");
  }
  file.fail_at(0, "not an NPZ archive: found " + looks_like(file.head(64)));
}

// ZIP64 keeps its numbers in a record of its own, which a locator before the end record points to.
Directory read_end64(const InputFile& file, std::uint64_t end) {
  if (end < kLocator64Bytes + kEnd64Bytes) file.fail_at(end, "no room for the ZIP64 records");
  const std::string locator = read_bytes(file, end - kLocator64Bytes, kLocator64Bytes);
  const std::uint64_t at = get<std::uint64_t>(locator, 8);
  if (get<std::uint32_t>(locator, 0) != kLocator64Signature ||
      at > end - kLocator64Bytes - kEnd64Bytes) {
    file.fail_at(end - kLocator64Bytes, "expected a ZIP64 locator");
  }
  const std::string record = read_bytes(file, at, kEnd64Bytes);
  if (get<std::uint32_t>(record, 0) != kEnd64Signature)
    file.fail_at(at, "expected a ZIP64 end record");
  return {get<std::uint64_t>(record, 48), get<std::uint64_t>(record, 40),
          get<std::uint64_t>(record, 32)};
}

Directory read_end(const InputFile& file) {
  const std::uint64_t end = find_end(file);
  const std::string record = read_bytes(file, end, kEndBytes);
  Directory directory{get<std::uint32_t>(record, 16), get<std::uint32_t>(record, 12),
                      get<std::uint16_t>(record, 10)};
  if (directory.offset == UINT32_MAX || directory.size == UINT32_MAX ||
      directory.count == UINT16_MAX) {
    directory = read_end64(file, end);
  }
  if (directory.offset > end || directory.size > end - directory.offset) {
    file.fail_at(
        end, fmt::format("the directory of {} bytes at byte {} does not lie before its end record",
                         directory.size, directory.offset));
  }
  return directory;
}

// Sizes and the header's offset as one entry of the directory gives them.
struct Entry {
  std::uint64_t size = 0, packed = 0, header = 0;
};

// In ZIP64, each number that does not fit 32 bits stands in the extra field 0x0001, in this order.
bool widen(Entry& entry, std::string_view extra) {
  std::string_view wide;
  while (extra.size() >= 4) {
    const auto id = get<std::uint16_t>(extra, 0);
    const auto n = get<std::uint16_t>(extra, 2);
    if (extra.size() - 4 < n) break;
    if (id == 1) wide = extra.substr(4, n);
    extra.remove_prefix(4 + std::size_t{n});
  }
  for (std::uint64_t* value : {&entry.size, &entry.packed, &entry.header}) {
    if (*value != UINT32_MAX) continue;
    if (wide.size() < 8) return false;
    *value = get<std::uint64_t>(wide, 0);
    wide.remove_prefix(8);
  }
  return true;
}

// Where the data begin is known only from the local header, whose extra field has a length of its
// own.
void locate_data(const InputFile& file, const Entry& entry, std::uint64_t limit,
                 ZipMember& member) {
  if (entry.header > limit || limit - entry.header < kLocalBytes) {
    file.fail_at(member.entry, fmt::format("{}: its header at byte {} lies outside the archive",
                                           printable(member.name, 100), entry.header));
  }
  const std::string local = read_bytes(file, entry.header, kLocalBytes);
  if (get<std::uint32_t>(local, 0) != kLocalSignature) {
    file.fail_at(entry.header, printable(member.name, 100) + ": expected a local header");
  }
  member.first =
      entry.header + kLocalBytes + get<std::uint16_t>(local, 26) + get<std::uint16_t>(local, 28);
  if (member.first > limit || limit - member.first < entry.packed) {
    file.fail_at(member.entry,
                 fmt::format("{}: its {} bytes at byte {} lie outside the archive",
                             printable(member.name, 100), entry.packed, member.first));
  }
  member.last = member.first + entry.packed;
}

// The entry that begins at `at` of the directory's bytes; moves `at` past it.
ZipMember read_entry(const InputFile& file, const Directory& directory, std::string_view bytes,
                     std::size_t& at) {
  ZipMember member;
  member.entry = directory.offset + at;
  if (bytes.size() - at < kEntryBytes || get<std::uint32_t>(bytes, at) != kEntrySignature) {
    file.fail_at(member.entry, "expected an entry of the directory");
  }
  const std::size_t name = get<std::uint16_t>(bytes, at + 28),
                    extra = get<std::uint16_t>(bytes, at + 30),
                    comment = get<std::uint16_t>(bytes, at + 32);
  if (bytes.size() - at - kEntryBytes < name + extra + comment) {
    file.fail_at(member.entry, "an entry of the directory breaks off");
  }
  member.name = bytes.substr(at + kEntryBytes, name);
  member.crc = get<std::uint32_t>(bytes, at + 16);
  const auto flags = get<std::uint16_t>(bytes, at + 8);
  const auto method = get<std::uint16_t>(bytes, at + 10);
  Entry entry{get<std::uint32_t>(bytes, at + 24), get<std::uint32_t>(bytes, at + 20),
              get<std::uint32_t>(bytes, at + 42)};
  const auto refuse = [&](const std::string& what) {
    file.fail_at(member.entry, printable(member.name, 100) + ": " + what);
  };
  if (!widen(entry, bytes.substr(at + kEntryBytes + name, extra)))
    refuse("its ZIP64 sizes are missing");
  if ((flags & 1) != 0) refuse("encrypted");
  if (method != 0 && method != 8) {
    refuse(fmt::format("compression method {}: expected 0 (stored) or 8 (deflated)", method));
  }
  if (method == 0 && entry.size != entry.packed) refuse("stored, but its two sizes differ");
  member.deflated = method == 8;
  member.size = entry.size;
  locate_data(file, entry, directory.offset, member);
  at += kEntryBytes + name + extra + comment;
  return member;
}

// Members that share bytes could unpack a small file without end.
void check_overlaps(const InputFile& file, const std::vector<ZipMember>& members) {
  std::vector<const ZipMember*> by_offset;
  for (const ZipMember& member : members) by_offset.push_back(&member);
  std::sort(by_offset.begin(), by_offset.end(),
            [](const ZipMember* a, const ZipMember* b) { return a->first < b->first; });
  for (std::size_t i = 1; i < by_offset.size(); ++i) {
    if (by_offset[i]->first < by_offset[i - 1]->last) {
      file.fail_at(by_offset[i]->entry,
                   fmt::format("{} overlaps {}", printable(by_offset[i]->name, 100),
                               printable(by_offset[i - 1]->name, 100)));
    }
  }
}

}  // namespace

std::vector<ZipMember> read_zip_directory(const InputFile& file) {
  const Directory directory = read_end(file);
  const std::string bytes =
      read_bytes(file, directory.offset, static_cast<std::size_t>(directory.size));
  std::vector<ZipMember> members;
  std::size_t at = 0;
  while (at < bytes.size()) members.push_back(read_entry(file, directory, bytes, at));
  if (members.size() != directory.count) {
    file.fail_at(directory.offset,
                 fmt::format("the directory has {} entries, its end record says {}", members.size(),
                             directory.count));
  }
  check_overlaps(file, members);
  return members;
}

void ZipWriter::begin(std::string_view name, std::uint32_t size, std::uint32_t crc) {
  const bool ascii = std::all_of(name.begin(), name.end(), [](char c) { return (c & 0x80) == 0; });
  std::string common;
  put<std::uint16_t>(common, 20);                   // version 2.0 is needed
  put<std::uint16_t>(common, ascii ? 0 : 1 << 11);  // the name is UTF-8
  put<std::uint16_t>(common, 0);                    // stored
  put<std::uint16_t>(common, 0);                    // midnight
  put<std::uint16_t>(common, 1 << 5 | 1);           // 1980-01-01
  put<std::uint32_t>(common, crc);
  put<std::uint32_t>(common, size);
  put<std::uint32_t>(common, size);
  put<std::uint16_t>(common, static_cast<std::uint16_t>(name.size()));
  put<std::uint16_t>(common, 0);  // no extra field
  std::string local;
  put<std::uint32_t>(local, kLocalSignature);
  local.append(common).append(name);
  sink_.write(local.data(), local.size());

  put<std::uint32_t>(directory_, kEntrySignature);
  put<std::uint16_t>(directory_, 3 << 8 | 20);  // made on Unix
  directory_ += common;
  put<std::uint16_t>(directory_, 0);            // no comment
  put<std::uint16_t>(directory_, 0);            // disk 0
  put<std::uint16_t>(directory_, 0);            // binary
  put<std::uint32_t>(directory_, 0644U << 16);  // permissions
  put<std::uint32_t>(directory_, static_cast<std::uint32_t>(offset_));
  directory_ += name;
  offset_ += local.size() + size;
  ++count_;
}

void ZipWriter::finish() {
  std::string end;
  put<std::uint32_t>(end, kEndSignature);
  put<std::uint32_t>(end, 0);  // disks
  put<std::uint16_t>(end, count_);
  put<std::uint16_t>(end, count_);
  put<std::uint32_t>(end, static_cast<std::uint32_t>(directory_.size()));
  put<std::uint32_t>(end, static_cast<std::uint32_t>(offset_));
  put<std::uint16_t>(end, 0);  // no comment
  sink_.write(directory_.data(), directory_.size());
  sink_.write(end.data(), end.size());
}

}  // namespace hourglass::internal
