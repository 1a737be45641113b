#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <vector>

namespace hourglass::internal {

// A list that is mostly short (the axes of an array): up to kInside elements lie in the object
// itself, so that kernels can make one without allocating; longer ones go to the heap.
template <class T, std::size_t kInside = 8>
class ShortVector {
 public:
  using value_type = T;

  ShortVector() = default;
  explicit ShortVector(std::size_t size, T value = T{}) { resize(size, value); }
  ShortVector(std::initializer_list<T> values) {
    for (const T& value : values) push_back(value);
  }

  template <std::input_iterator Iterator>
  ShortVector(Iterator first, Iterator last) {
    insert(end(), first, last);
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return size_ <= kInside ? inside_.data() : outside_.data(); }
  const T* data() const { return size_ <= kInside ? inside_.data() : outside_.data(); }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }
  T& back() { return data()[size_ - 1]; }
  const T& back() const { return data()[size_ - 1]; }

  void resize(std::size_t size, T value = T{}) {
    if (size > kInside) {
      std::vector<T> longer(begin(), begin() + std::min(size, size_));
      longer.resize(size, value);
      outside_ = std::move(longer);
    } else {
      if (size_ > kInside) std::copy_n(outside_.begin(), size, inside_.begin());
      if (size > size_) std::fill(inside_.begin() + size_, inside_.begin() + size, value);
    }
    size_ = size;
  }
  void push_back(T value) {
    if (size_ < kInside) {
      inside_[size_] = value;
    } else {
      if (size_ == kInside) outside_.assign(inside_.begin(), inside_.end());
      outside_.push_back(value);
    }
    ++size_;
  }
  void push_front(T value) {
    push_back(value);
    std::rotate(begin(), end() - 1, end());
  }
  void pop_back() { resize(size_ - 1); }
  // What is inserted must not be elements of this list.
  template <std::input_iterator Iterator>
  void insert(T* at, Iterator first, Iterator last) {
    const auto before = at - begin(), old_size = end() - begin();
    for (; first != last; ++first) push_back(*first);
    std::rotate(begin() + before, begin() + old_size, end());
  }
  void erase(T* at) {
    std::move(at + 1, end(), at);
    pop_back();
  }

  bool operator==(const ShortVector& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

 private:
  std::array<T, kInside> inside_{};
  std::vector<T> outside_;  // all of them, where there are more
  std::size_t size_ = 0;
};

}  // namespace hourglass::internal
