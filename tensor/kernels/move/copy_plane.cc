#include "tensor/kernels/move/copy_plane.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "tensor/kernels/move/transpose_tile.h"

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

constexpr std::int64_t kLongestChunked = 128;  // bytes of a row that is written in chunks

// Words in 16 bytes, which one instruction moves.
template <class T>
constexpr std::int64_t kChunk = 16 / sizeof(T);

template <class T>
void copy_run(const T* from, T* to, std::int64_t n) {
  if (n < kShortRun) {
    for (std::int64_t j = 0; j < n; ++j) to[j] = from[j];
  } else {
    std::memcpy(static_cast<void*>(to), from, static_cast<std::size_t>(n) * sizeof(T));
  }
}

// How many of the first rows may be written, and read, in whole chunks: where rows follow each
// other without a gap, what a chunk writes past its row is overwritten by the next, and only the
// last rows have to end where they end. None where rows are long or apart.
template <class T>
std::int64_t chunked_rows(const CopyAxis& outer, std::int64_t n) {
  if (outer.to != n || n > kLongestChunked / static_cast<std::int64_t>(sizeof(T))) return 0;
  const std::int64_t past = (kChunk<T> - n % kChunk<T>) % kChunk<T>;
  return std::max<std::int64_t>(0, outer.size - (past + n - 1) / n);
}

template <class T>
void copy_chunk(const T* from, T* to) {
  std::memcpy(static_cast<void*>(to), from, kChunk<T> * sizeof(T));
}

// Rows that are dense on both sides.
template <class T>
void copy_rows(CopyAxis outer, std::int64_t n, const T* from, T* to) {
  const std::int64_t chunked = outer.from >= n ? chunked_rows<T>(outer, n) : 0;
  for (std::int64_t i = 0; i < chunked; ++i, from += outer.from, to += outer.to) {
    for (std::int64_t j = 0; j < n; j += kChunk<T>) copy_chunk(from + j, to + j);
  }
  outer.size -= chunked;
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
void fill_rows(CopyAxis outer, std::int64_t n, const T* from, T* to) {
  const std::int64_t chunked = chunked_rows<T>(outer, n);
  for (std::int64_t i = 0; i < chunked; ++i, from += outer.from, to += outer.to) {
    T chunk[kChunk<T>];
    for (T& word : chunk) word = *from;
    for (std::int64_t j = 0; j < n; j += kChunk<T>) copy_chunk(chunk, to + j);
  }
  outer.size -= chunked;
  for (std::int64_t i = 0; i < outer.size; ++i) {
    const T value = from[i * outer.from];
    T* row = to + i * outer.to;
    for (std::int64_t j = 0; j < n; ++j) row[j] = value;
  }
}

// Dense along the outer axis on one side and along the inner on the other: in tiles, so that each
// cache line is fetched once.
template <class T>
void transpose_tiles(CopyAxis outer, CopyAxis inner, const T* from, T* to) {
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
void copy_general(CopyAxis outer, CopyAxis inner, const T* from, T* to) {
  for (std::int64_t i = 0; i < outer.size; ++i) {
    const T* source = from + i * outer.from;
    T* row = to + i * outer.to;
    for (std::int64_t j = 0; j < inner.size; ++j) row[j * inner.to] = source[j * inner.from];
  }
}

template <class T>
void copy_words(CopyAxis outer, CopyAxis inner, const T* from, T* to) {
  if (inner.to == 1 && inner.from == 1) {
    if (outer.from == 0 && outer.to == inner.size) {
      repeat_row(outer.size, inner.size, from, to);
    } else {
      copy_rows(outer, inner.size, from, to);
    }
  } else if (inner.to == 1 && inner.from == 0) {
    fill_rows(outer, inner.size, from, to);
  } else if (inner.to == 1 && outer.from == 1) {
    const TransposedMatrix matrix{outer.size, inner.size, from, inner.from, to, outer.to};
    if (!transpose_by_vectors(sizeof(T), matrix)) transpose_tiles(outer, inner, from, to);
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
