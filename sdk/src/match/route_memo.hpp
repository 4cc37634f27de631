#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/match/field_mapper.hpp"
#include "src/match/layout_plan.hpp"

namespace auditflow::match {

/// Remembers where events were routed: a stream has few combinations of what the logsource map asks
/// for, so events with one layout and the same values in the fields that it asks about need not be
/// routed again.
///
/// Bounded. Thread safety: thread-compatible.
class RouteMemo {
 public:
  /// How many fields of one event the map may ask about; no routes of others are remembered.
  static constexpr std::size_t kMostFields = 12;

  /// A field under whose other name the event has a value.
  struct Alias {
    const FieldMapper::Alias* alias = nullptr;
    LayoutPlan::Place source;
  };
  struct Destination {
    std::vector<std::uint32_t> partitions;
    std::vector<Alias> aliases;
  };

  /// `values`: the serial of each value (`ValueMemo::Entry`), in the order of the layout's fields.
  /// @return null if it is not remembered. Valid until the next call of `Add`.
  [[nodiscard]] const Destination* Find(std::uint64_t layout,
                                        std::span<const std::uint64_t> values) const {
    const Entry& entry = entries_[IndexOf(layout, values)];
    if (entry.layout != layout) return nullptr;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (entry.values[i] != values[i]) return nullptr;
    }
    return &entry.destination;
  }

  void Add(std::uint64_t layout, std::span<const std::uint64_t> values, Destination destination);

 private:
  struct Entry {
    std::uint64_t layout = 0;  ///< 0: of no event
    std::array<std::uint64_t, kMostFields> values{};
    Destination destination;
  };

  [[nodiscard]] static std::size_t IndexOf(std::uint64_t layout,
                                           std::span<const std::uint64_t> values) {
    constexpr std::uint64_t kMultiplier = 0x9FB21C651E98DF25U;
    std::uint64_t hash = layout * kMultiplier;
    for (const std::uint64_t value : values) hash = (hash ^ (hash >> 32U) ^ value) * kMultiplier;
    return hash >> (64 - kBits);
  }

  static constexpr unsigned kBits = 9;
  std::array<Entry, std::size_t{1} << kBits> entries_;
};

}  // namespace auditflow::match
