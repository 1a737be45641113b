#include "tensor/files/mapped_array.h"

#include <fmt/core.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/input_file.h"

namespace hourglass {

namespace {

// What the system reads ahead of a fault, at most: to rows that are shorter and lie apart it would
// add as much again and again.
constexpr std::size_t kReadAhead = std::size_t{128} << 10;

// Whether the rows lie so far apart that most of what is read ahead would be of others.
bool are_scattered(const std::int32_t* ids, std::int64_t count, std::size_t row_bytes) {
  if (count == 0 || row_bytes >= kReadAhead) return false;
  const auto [least, most] = std::minmax_element(ids, ids + count);
  return std::int64_t{*most} - *least >= 8 * count;
}

}  // namespace

struct MappedArray::Mapping {
  std::unique_ptr<InputFile> file;
  Place place;
  void* address = MAP_FAILED;
  std::size_t length = 0;
  mutable std::atomic<bool> reads_ahead = true;

  Mapping(std::unique_ptr<InputFile> of, const Place& at)
      : file(std::move(of)), place(at), length(static_cast<std::size_t>(file->size())) {
    address = ::mmap(nullptr, length, PROT_READ, MAP_PRIVATE, file->descriptor(), 0);
    if (address == MAP_FAILED) file->fail("cannot map: " + errno_text(errno));
  }
  ~Mapping() { ::munmap(address, length); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  void read_ahead(bool does) const {
    if (reads_ahead.exchange(does, std::memory_order_relaxed) == does) return;
    ::madvise(address, length, does ? MADV_NORMAL : MADV_RANDOM);
  }

  // The numbers from number `first` on.
  const char* at(std::int64_t first) const {
    return static_cast<const char*>(address) + place.first_byte +
           static_cast<std::size_t>(first) * size_of(place.stored);
  }
};

namespace {

// Of integers that a tensor may not hold.
void check_values(const MappedArray& array, const InputFile& file, std::uint64_t first_byte,
                  ByteOrder order, const char* from) {
  constexpr std::size_t kAtOnce = 8192;
  const std::size_t size = size_of(array.stored());
  std::vector<std::int32_t> numbers(kAtOnce);
  const auto n = static_cast<std::size_t>(array.shape().elements());
  for (std::size_t first = 0; first < n; first += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, n - first);
    const char* at = from + first * size;
    const std::size_t good = load_numbers(array.stored(), order, at, count, numbers.data());
    if (good == count) continue;
    file.fail_at(first_byte + (first + good) * size,
                 misfit_text(array.stored(), order, at + good * size));
  }
}

}  // namespace

MappedArray::MappedArray(std::unique_ptr<InputFile> file, const Place& place)
    : mapping_(std::make_shared<const Mapping>(std::move(file), place)),
      shape_(std::vector<std::int64_t>(place.sizes.begin(), place.sizes.end())) {
  if (!may_not_fit(place.stored)) return;
  check_values(*this, *mapping_->file, place.first_byte, place.order, mapping_->at(0));
}

Stored MappedArray::stored() const { return mapping_->place.stored; }

MappedArray MappedArray::reshape(const Shape& shape) const {
  if (shape.elements() != shape_.elements()) {
    throw Error(fmt::format("reshape: element counts differ: {} to {}: {} vs {}", to_string(shape_),
                            to_string(shape), shape_.elements(), shape.elements()));
  }
  MappedArray same = *this;
  same.shape_ = shape;
  return same;
}

Tensor MappedArray::gather(const std::int32_t* ids, std::int64_t count) const {
  const Mapping& m = *mapping_;
  m.file->check_size();
  Tensor rows = Tensor::uninitialized(shape_.without_axis(0).with_axis(0, count), dtype());
  const std::int64_t width = shape_.product(1, shape_.rank());
  const std::size_t row_bytes = static_cast<std::size_t>(width) * size_of(dtype());
  m.read_ahead(!are_scattered(ids, count, row_bytes));
  char* to = static_cast<char*>(rows.raw());
  for (std::int64_t i = 0; i < count; ++i, to += row_bytes) {
    if (ids[i] < 0 || ids[i] >= shape_[0]) {
      throw Error(fmt::format("rows: there is no row {} of {}", ids[i], shape_[0]));
    }
    load_numbers(m.place.stored, m.place.order, m.at(ids[i] * width),
                 static_cast<std::size_t>(width), to);
  }
  return rows;
}

}  // namespace hourglass
