#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>

namespace hourglass::internal {

// A list that is mostly short (the axes of an array): up to kInside elements lie in the object
// itself, so that kernels can make one without allocating; longer ones go to the heap. Places that
// are not taken cost nothing: no object is made, copied or moved there.
template <class T, std::size_t kInside = 8>
class ShortVector {
 public:
  using value_type = T;

  ShortVector() {}
  explicit ShortVector(std::size_t size, T value = T{}) { resize(size, value); }
  ShortVector(std::initializer_list<T> values) { append(values.begin(), values.end()); }
  template <std::forward_iterator Iterator>
  ShortVector(Iterator first, Iterator last) {
    append(first, last);
  }
  ShortVector(const ShortVector& other) { copy(other); }
  ShortVector(ShortVector&& other) noexcept { take(other); }
  ShortVector& operator=(const ShortVector& other) {
    if (this == &other) return *this;
    clear();
    copy(other);
    return *this;
  }
  ShortVector& operator=(ShortVector&& other) noexcept {
    if (this == &other) return *this;
    free();
    take(other);
    return *this;
  }
  ~ShortVector() {
    if (size_ > 0 || is_outside()) free();
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return is_outside() ? outside_ : inside_; }
  const T* data() const { return is_outside() ? outside_ : inside_; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }
  T& back() { return data()[size_ - 1]; }
  const T& back() const { return data()[size_ - 1]; }

  void reserve(std::size_t capacity) {
    if (capacity > capacity_) move_outside(std::max<std::size_t>(capacity, 2 * capacity_));
  }
  void clear() { shrink(0); }
  void resize(std::size_t size, T value = T{}) {
    if (size <= size_) return shrink(size);
    reserve(size);
    std::uninitialized_fill(end(), begin() + size, value);
    size_ = static_cast<std::uint32_t>(size);
  }
  void push_back(T value) {
    if (size_ == capacity_) reserve(size_ + 1);
    std::construct_at(end(), std::move(value));
    ++size_;
  }
  void push_front(T value) {
    push_back(std::move(value));
    std::rotate(begin(), end() - 1, end());
  }
  void pop_back() { shrink(size_ - 1); }
  // What is inserted must not be elements of this list.
  template <std::forward_iterator Iterator>
  void insert(T* at, Iterator first, Iterator last) {
    const auto before = at - begin(), old_size = end() - begin();
    append(first, last);
    if (before < old_size) std::rotate(begin() + before, begin() + old_size, end());
  }
  void erase(T* at) {
    std::move(at + 1, end(), at);
    pop_back();
  }

  bool operator==(const ShortVector& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

 private:
  // The places inside are so few bytes that to copy all takes less than to look which are taken.
  static constexpr bool kCopiesAll = std::is_trivially_copyable_v<T> && sizeof(T) * kInside <= 64;

  bool is_outside() const { return capacity_ > kInside; }

  void shrink(std::size_t size) {
    std::destroy(begin() + size, end());
    size_ = static_cast<std::uint32_t>(size);
  }
  void move_outside(std::size_t capacity) {
    T* longer = std::allocator<T>().allocate(capacity);
    std::uninitialized_move(begin(), end(), longer);
    free();
    outside_ = longer;
    capacity_ = static_cast<std::uint32_t>(capacity);
  }
  void free() {  // what was there; the size is the caller's to set
    std::destroy(begin(), end());
    if (is_outside()) std::allocator<T>().deallocate(outside_, capacity_);
  }
  template <class Iterator>
  void append(Iterator first, Iterator last) {
    const std::size_t size = size_ + static_cast<std::size_t>(std::distance(first, last));
    reserve(size);
    for (T* to = end(); first != last; ++first) std::construct_at(to++, *first);
    size_ = static_cast<std::uint32_t>(size);
  }
  void copy(const ShortVector& other) {  // into an empty one
    if (!kCopiesAll || is_outside() || other.is_outside())
      return append(other.begin(), other.end());
    std::memcpy(static_cast<void*>(inside_), other.inside_, sizeof(inside_));
    size_ = other.size_;
  }
  void take(ShortVector& other) noexcept {  // into one that was freed, or is new
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, std::uint32_t{kInside});
    if (is_outside()) {
      outside_ = other.outside_;
    } else if (kCopiesAll) {
      std::memcpy(static_cast<void*>(inside_), other.inside_, sizeof(inside_));
    } else {
      for (std::uint32_t i = 0; i < size_; ++i) {
        std::construct_at(inside_ + i, std::move(other.inside_[i]));
        std::destroy_at(other.inside_ + i);
      }
    }
  }

  union {
    T inside_[kInside];
    T* outside_ = nullptr;  // all of them, where there are more
  };
  std::uint32_t size_ = 0, capacity_ = kInside;
};

}  // namespace hourglass::internal
