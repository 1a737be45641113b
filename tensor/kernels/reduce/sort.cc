#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

constexpr std::int64_t kBlockElements = std::int64_t{1} << 13;  // sorted by one thread at a time
constexpr std::int64_t kRadixFrom = 48;  // shorter rows are sorted by comparison
constexpr std::int64_t kScanBlock = 64;  // numbers that top_k passes over at once
constexpr std::int64_t kMoreKept = 64;   // that top_k collects beyond k before it discards
constexpr std::int64_t kSortFrom = 8;    // top_k sorts the whole row from a k of n / 8 on
constexpr int kDigitBits = 8;

std::int64_t rows_per_block(std::int64_t n) {
  return std::max<std::int64_t>(1, kBlockElements / std::max<std::int64_t>(1, n));
}

template <class T>
using KeyOf = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

// An unsigned integer that orders as the number does: -0 as 0, every NaN above infinity.
template <class T>
KeyOf<T> key_of(T x) {
  using Key = KeyOf<T>;
  constexpr Key kSign = Key{1} << (8 * sizeof(Key) - 1);
  if constexpr (std::is_floating_point_v<T>) {
    const Key bits = std::bit_cast<Key>(x + T{0});  // -0 + 0 = 0
    const Key key = (bits & kSign) != 0 ? ~bits : bits | kSign;
    return x != x ? ~Key{0} : key;
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<Key>(x) ^ kSign;
  } else {
    return x;
  }
}

// The same for a descending order, in which NaN is still the last.
template <class T>
KeyOf<T> descending_key_of(T x) {
  return x != x ? ~KeyOf<T>{0} : static_cast<KeyOf<T>>(~key_of(x));
}

template <class Key>
struct Item {
  Key key;
  std::int32_t index;
};

template <class Key>
void copy_indices(const std::vector<Item<Key>>& items, std::int64_t count, std::int32_t* indices) {
  std::transform(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count), indices,
                 [](const Item<Key>& item) { return item.index; });
}

// Counting sort by one digit after the other, from the lowest: every pass keeps the order of
// equals. A digit that all keys share is skipped.
template <class Key>
void radix_sort(std::vector<Item<Key>>& items, std::vector<Item<Key>>& spare) {
  constexpr int kPasses = (8 * static_cast<int>(sizeof(Key)) + kDigitBits - 1) / kDigitBits;
  constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  std::array<std::array<std::uint32_t, kDigits>, kPasses> counts{};
  const auto digit = [](Key key, int pass) {
    return static_cast<std::size_t>(key >> (pass * kDigitBits)) & (kDigits - 1);
  };
  for (const Item<Key>& item : items) {
    for (int pass = 0; pass < kPasses; ++pass) {
      ++counts[static_cast<std::size_t>(pass)][digit(item.key, pass)];
    }
  }
  spare.resize(items.size());
  for (int pass = 0; pass < kPasses; ++pass) {
    auto& places = counts[static_cast<std::size_t>(pass)];
    if (places[digit(items[0].key, pass)] == items.size()) continue;
    std::exclusive_scan(places.begin(), places.end(), places.begin(), 0u);
    for (const Item<Key>& item : items) spare[places[digit(item.key, pass)]++] = item;
    items.swap(spare);
  }
}

template <class Key>
void sort_items(std::vector<Item<Key>>& items, std::vector<Item<Key>>& spare) {
  if (static_cast<std::int64_t>(items.size()) >= kRadixFrom) return radix_sort(items, spare);
  std::sort(items.begin(), items.end(), [](const Item<Key>& a, const Item<Key>& b) {
    return a.key != b.key ? a.key < b.key : a.index < b.index;
  });
}

// The first `kept` indices of each row in ascending order of key(number).
template <class T, class MakeKey>
void sort_rows(const T* x, std::int64_t rows, std::int64_t n, std::int64_t kept,
               const MakeKey& make_key, std::int32_t* indices) {
  thread_local std::vector<Item<KeyOf<T>>> items, spare;  // kept: a step allocates nothing
  items.resize(static_cast<std::size_t>(n));
  for (std::int64_t row = 0; row < rows; ++row, x += n, indices += kept) {
    for (std::int64_t i = 0; i < n; ++i) {
      items[static_cast<std::size_t>(i)] = {make_key(x[i]), static_cast<std::int32_t>(i)};
    }
    sort_items(items, spare);
    copy_indices(items, kept, indices);
  }
}

template <class T>
void argsort_rows(const T* x, std::int64_t rows, std::int64_t n, bool descending,
                  std::int32_t* indices) {
  if (descending) {
    sort_rows(x, rows, n, n, descending_key_of<T>, indices);
  } else {
    sort_rows(x, rows, n, n, key_of<T>, indices);
  }
}

// Before: a larger key, or the same key at a smaller index.
template <class Key>
bool goes_before(const Item<Key>& a, const Item<Key>& b) {
  return a.key != b.key ? a.key > b.key : a.index < b.index;
}

// The k first of `items` go to its front, in any order; the others are dropped.
template <class Key>
void keep_first(std::vector<Item<Key>>& items, std::size_t& count, std::size_t k) {
  if (count <= k) return;
  std::nth_element(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(k - 1),
                   items.begin() + static_cast<std::ptrdiff_t>(count), goes_before<Key>);
  count = k;
}

// The k >= 1 first of a row go to the front of `items`, in order. Items are collected until there
// is no more room, then all but the best k are dropped; what follows has a larger index, so it must
// have a larger key than the last of those to be collected.
template <class T>
void top_k_row(const T* x, std::int64_t n, std::size_t k, std::vector<Item<KeyOf<T>>>& items) {
  using Key = KeyOf<T>;
  std::size_t count = 0;
  bool dropped = false;
  Key key_to_beat = 0;
  T to_beat{};
  for (std::int64_t first = 0; first < n; first += kScanBlock) {
    const std::int64_t last = std::min(first + kScanBlock, n);
    if (dropped) {
      int candidates = 0;
      for (std::int64_t i = first; i < last; ++i) candidates |= x[i] <= to_beat ? 0 : 1;
      if (candidates == 0) continue;
    }
    for (std::int64_t i = first; i < last; ++i) {
      const Key key = key_of(x[i]);
      items[count] = {key, static_cast<std::int32_t>(i)};
      count += !dropped || key > key_to_beat;
    }
    if (count + kScanBlock > items.size()) {
      keep_first(items, count, k);
      dropped = true;
      key_to_beat = items[k - 1].key;
      to_beat = x[items[k - 1].index];
    }
  }
  keep_first(items, count, k);
  std::sort(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(k), goes_before<Key>);
}

template <class T>
void top_k_rows(const T* x, std::int64_t rows, std::int64_t n, std::int64_t k,
                std::int32_t* indices) {
  if (k > n / kSortFrom) {
    const auto inverted = [](T number) { return static_cast<KeyOf<T>>(~key_of(number)); };
    return sort_rows(x, rows, n, k, inverted, indices);
  }
  const std::int64_t room = k + std::max(k, kMoreKept) + kScanBlock;
  thread_local std::vector<Item<KeyOf<T>>> items;
  items.resize(static_cast<std::size_t>(room));
  for (std::int64_t row = 0; row < rows; ++row, x += n, indices += k) {
    top_k_row(x, n, static_cast<std::size_t>(k), items);
    copy_indices(items, k, indices);
  }
}

}  // namespace

void argsort(DType dtype, const void* x, std::int64_t rows, std::int64_t n, bool descending,
             std::int32_t* indices) {
  visit(dtype, [&](auto zero) {
    const auto* numbers = static_cast<const decltype(zero)*>(x);
    parallel_ranges(rows, rows_per_block(n), [&](std::int64_t first, std::int64_t last) {
      argsort_rows(numbers + first * n, last - first, n, descending, indices + first * n);
    });
  });
}

void top_k(DType dtype, const void* x, std::int64_t rows, std::int64_t n, std::int64_t k,
           std::int32_t* indices) {
  if (k == 0) return;
  visit(dtype, [&](auto zero) {
    const auto* numbers = static_cast<const decltype(zero)*>(x);
    parallel_ranges(rows, rows_per_block(n), [&](std::int64_t first, std::int64_t last) {
      top_k_rows(numbers + first * n, last - first, n, k, indices + first * k);
    });
  });
}

}  // namespace hourglass::kernels
