#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace auditflow::match {

/// Remembers what follows from the values of an event's fields: a stream has few combinations of
/// what is asked of its events, so what was found out for one need not be found out again for
/// another with the same layout and the same values.
///
/// A value is named by its serial (`ValueMemo::Entry`), in the order of the layout's fields: equal
/// keys are equal events as far as they are asked.
///
/// Bounded. Thread safety: thread-compatible.
template <class Result>
class SerialMemo {
 public:
  /// Nothing is remembered of events with more values.
  static constexpr std::size_t kMostSerials = 24;

  /// False for a while when nearly every combination is a new one: then looking here costs more
  /// than it saves. Asked once for each event.
  [[nodiscard]] bool IsWorthAsking() {
    if (skip_ > 0) {
      --skip_;
      return false;
    }
    if (++asked_ == kTrial) {
      if (found_ < kTrial / 4) skip_ = kPause;
      asked_ = found_ = 0;
    }
    return true;
  }

  /// `layout`: not 0. @return null if the combination is not remembered. Valid until the next call
  /// of `Add`.
  [[nodiscard]] const Result* Find(std::uint64_t layout, std::span<const std::uint64_t> serials) {
    if (serials.size() > kMostSerials) return nullptr;
    const Entry& entry = entries_[IndexOf(layout, serials)];
    if (entry.layout != layout || entry.count != serials.size()) return nullptr;
    for (std::size_t i = 0; i < serials.size(); ++i) {
      if (entry.serials[i] != serials[i]) return nullptr;
    }
    ++found_;
    return &entry.result;
  }

  void Add(std::uint64_t layout, std::span<const std::uint64_t> serials, Result result) {
    if (serials.size() > kMostSerials) return;
    Entry& entry = entries_[IndexOf(layout, serials)];
    entry.layout = layout;
    entry.count = serials.size();
    std::copy(serials.begin(), serials.end(), entry.serials.begin());
    entry.result = std::move(result);
  }

 private:
  struct Entry {
    std::uint64_t layout = 0;  ///< 0: of no event
    std::size_t count = 0;
    std::array<std::uint64_t, kMostSerials> serials{};
    Result result{};
  };

  [[nodiscard]] static std::size_t IndexOf(std::uint64_t layout,
                                           std::span<const std::uint64_t> serials) {
    constexpr std::uint64_t kMultiplier = 0x9FB21C651E98DF25U;
    std::uint64_t hash = layout * kMultiplier;
    for (const std::uint64_t serial : serials) hash = (hash ^ (hash >> 32U) ^ serial) * kMultiplier;
    return hash >> (64 - kBits);
  }

  static constexpr std::uint32_t kTrial = 256;
  static constexpr std::uint32_t kPause = 4096;
  static constexpr unsigned kBits = 10;

  std::array<Entry, std::size_t{1} << kBits> entries_;
  std::uint32_t asked_ = 0;
  std::uint32_t found_ = 0;
  std::uint32_t skip_ = 0;
};

}  // namespace auditflow::match
