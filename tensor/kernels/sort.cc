#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

constexpr std::int64_t kBlockElements = std::int64_t{1} << 13;  // sorted by one thread at a time
constexpr std::int64_t kRadixFrom = 512;  // shorter rows are sorted by comparison
constexpr std::int64_t kScanBlock = 64;   // numbers that top_k rejects at once
constexpr int kDigitBits = 11;

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

template <class T>
void argsort_rows(const T* x, std::int64_t rows, std::int64_t n, bool descending,
                  std::int32_t* indices) {
  std::vector<Item<KeyOf<T>>> items(static_cast<std::size_t>(n)), spare;
  for (std::int64_t row = 0; row < rows; ++row, x += n, indices += n) {
    for (std::int64_t i = 0; i < n; ++i) {
      items[static_cast<std::size_t>(i)] = {descending ? descending_key_of(x[i]) : key_of(x[i]),
                                            static_cast<std::int32_t>(i)};
    }
    sort_items(items, spare);
    std::transform(items.begin(), items.end(), indices,
                   [](const auto& item) { return item.index; });
  }
}

// Before: a larger key, or the same key at a smaller index.
template <class Key>
bool goes_before(const Item<Key>& a, const Item<Key>& b) {
  return a.key != b.key ? a.key > b.key : a.index < b.index;
}

// The k first of n > k >= 1 items: a heap of the best so far, its worst on top. What follows in a
// row has a larger index, so it must have a larger key to come in, and whole blocks of smaller
// ones are passed over.
template <class T>
void top_k_by_heap(const T* x, std::int64_t n, std::vector<Item<KeyOf<T>>>& best) {
  using Key = KeyOf<T>;
  std::int64_t i = 0;
  for (Item<Key>& item : best) {
    item = {key_of(x[i]), static_cast<std::int32_t>(i)};
    ++i;
  }
  std::make_heap(best.begin(), best.end(), goes_before<Key>);
  while (i < n) {
    const std::int64_t last = std::min(i + kScanBlock, n);
    Key largest = 0;
    for (std::int64_t j = i; j < last; ++j) largest = std::max(largest, key_of(x[j]));
    if (largest > best.front().key) {
      for (; i < last; ++i) {
        const Key key = key_of(x[i]);
        if (key <= best.front().key) continue;
        std::pop_heap(best.begin(), best.end(), goes_before<Key>);
        best.back() = {key, static_cast<std::int32_t>(i)};
        std::push_heap(best.begin(), best.end(), goes_before<Key>);
      }
    }
    i = last;
  }
}

template <class T>
void top_k_rows(const T* x, std::int64_t rows, std::int64_t n, std::int64_t k,
                std::int32_t* indices) {
  using Key = KeyOf<T>;
  const bool by_heap = k < n / 8;
  const auto kept = static_cast<std::ptrdiff_t>(k);
  std::vector<Item<Key>> items(static_cast<std::size_t>(by_heap ? k : n));
  for (std::int64_t row = 0; row < rows; ++row, x += n, indices += k) {
    if (by_heap) {
      top_k_by_heap(x, n, items);
    } else {
      for (std::int64_t i = 0; i < n; ++i) {
        items[static_cast<std::size_t>(i)] = {key_of(x[i]), static_cast<std::int32_t>(i)};
      }
      std::nth_element(items.begin(), items.begin() + kept, items.end(), goes_before<Key>);
    }
    std::sort(items.begin(), items.begin() + kept, goes_before<Key>);
    std::transform(items.begin(), items.begin() + kept, indices,
                   [](const auto& item) { return item.index; });
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
