#pragma once

#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

namespace auditflow::correlate {

/// A first-in-first-out queue with random access in one growing block. Starts without memory and
/// gives it back when it has become mostly empty, since there may be very many of these.
template <class T>
class Ring {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// 0 is the oldest.
  [[nodiscard]] const T& operator[](std::size_t i) const { return slots_[(head_ + i) & mask()]; }
  [[nodiscard]] const T& front() const { return slots_[head_]; }
  [[nodiscard]] const T& back() const { return (*this)[size_ - 1]; }

  void push_back(T value) {
    if (size_ == slots_.size()) Resize(size_ == 0 ? 4 : size_ * 2);
    slots_[(head_ + size_) & mask()] = std::move(value);
    ++size_;
  }

  void pop_front() {
    head_ = (head_ + 1) & mask();
    --size_;
    if (slots_.size() > kSmall && size_ <= slots_.size() / 8) Resize(slots_.size() / 4);
  }

 private:
  static constexpr std::size_t kSmall = 64;

  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }

  void Resize(std::size_t capacity) {
    std::vector<T> grown(std::bit_ceil(capacity));
    for (std::size_t i = 0; i < size_; ++i) grown[i] = std::move(slots_[(head_ + i) & mask()]);
    slots_ = std::move(grown);
    head_ = 0;
  }

  std::vector<T> slots_;  // its size is zero or a power of two
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace auditflow::correlate
