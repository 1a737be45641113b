#include "tensor/kernels/copy_plane.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace hourglass::kernels::internal {
namespace {

// A number as its bits, at any address. A struct, since a template argument would lose the
// attributes of a plain type.
template <class Bits>
struct __attribute__((packed, may_alias)) Word {
  Bits bits;
};

constexpr std::int64_t kShortRun = 8;        // elements: below it a call of memcpy costs more
constexpr std::int64_t kTile = 32;           // of a transpose, elements a side
constexpr std::int64_t kRepeatBytes = 4096;  // of a row that is repeated: from L1, in long copies

template <class T>
void copy_run(const T* from, T* to, std::int64_t n) {
  if (n < kShortRun) {
    for (std::int64_t j = 0; j < n; ++j) to[j] = from[j];
  } else {
    std::memcpy(static_cast<void*>(to), from, static_cast<std::size_t>(n) * sizeof(T));
  }
}

// Rows that are dense on both sides.
template <class T>
void copy_rows(const CopyAxis& outer, std::int64_t n, const T* from, T* to) {
  for (std::int64_t i = 0; i < outer.size; ++i) {
    copy_run(from + i * outer.from, to + i * outer.to, n);
  }
}

// One row again and again into a dense block: what is there already is doubled until it is long
// enough to be copied at full speed.
template <class T>
void repeat_row(std::int64_t rows, std::int64_t n, const T* from, T* to) {
  copy_run(from, to, n);
  const std::int64_t total = rows * n;
  const std::int64_t longest =
      std::max<std::int64_t>(n, kRepeatBytes / static_cast<std::int64_t>(sizeof(T)) / n * n);
  for (std::int64_t done = n; done < total;) {
    const std::int64_t next = std::min({done, longest, total - done});
    copy_run(to, to + done, next);
    done += next;
  }
}

// Rows of one number each.
template <class T>
void fill_rows(const CopyAxis& outer, std::int64_t n, const T* from, T* to) {
  for (std::int64_t i = 0; i < outer.size; ++i) {
    const T value = from[i * outer.from];
    T* row = to + i * outer.to;
    for (std::int64_t j = 0; j < n; ++j) row[j] = value;
  }
}

// Dense along the outer axis on one side and along the inner on the other: in tiles, so that each
// cache line is fetched once.
template <class T>
void transpose_tiles(const CopyAxis& outer, const CopyAxis& inner, const T* from, T* to) {
  for (std::int64_t i0 = 0; i0 < outer.size; i0 += kTile) {
    const std::int64_t i1 = std::min(i0 + kTile, outer.size);
    for (std::int64_t j0 = 0; j0 < inner.size; j0 += kTile) {
      const std::int64_t j1 = std::min(j0 + kTile, inner.size);
      for (std::int64_t i = i0; i < i1; ++i) {
        const T* column = from + i;
        T* row = to + i * outer.to;
        for (std::int64_t j = j0; j < j1; ++j) row[j] = column[j * inner.from];
      }
    }
  }
}

template <class T>
void copy_general(const CopyAxis& outer, const CopyAxis& inner, const T* from, T* to) {
  for (std::int64_t i = 0; i < outer.size; ++i) {
    const T* source = from + i * outer.from;
    T* row = to + i * outer.to;
    for (std::int64_t j = 0; j < inner.size; ++j) row[j * inner.to] = source[j * inner.from];
  }
}

template <class T>
void copy_words(const CopyAxis& outer, const CopyAxis& inner, const T* from, T* to) {
  if (inner.to == 1 && inner.from == 1) {
    if (outer.from == 0 && outer.to == inner.size) {
      repeat_row(outer.size, inner.size, from, to);
    } else {
      copy_rows(outer, inner.size, from, to);
    }
  } else if (inner.to == 1 && inner.from == 0) {
    fill_rows(outer, inner.size, from, to);
  } else if (inner.to == 1 && outer.from == 1) {
    transpose_tiles(outer, inner, from, to);
  } else {
    copy_general(outer, inner, from, to);
  }
}

template <class Bits>
void copy_bits(const CopyAxis& outer, const CopyAxis& inner, const char* from, char* to) {
  copy_words(outer, inner, reinterpret_cast<const Word<Bits>*>(from),
             reinterpret_cast<Word<Bits>*>(to));
}

}  // namespace

void copy_plane(std::size_t element_size, const CopyAxis& outer, const CopyAxis& inner,
                const char* from, char* to) {
  switch (element_size) {
    case 1:
      return copy_bits<std::uint8_t>(outer, inner, from, to);
    case 4:
      return copy_bits<std::uint32_t>(outer, inner, from, to);
    case 8:
      return copy_bits<std::uint64_t>(outer, inner, from, to);
    default:
      return copy_bits<std::array<std::uint64_t, 2>>(outer, inner, from, to);
  }
}

}  // namespace hourglass::kernels::internal
