#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/event/event.hpp"

#include "src/match/field_mapper.hpp"
#include "src/match/field_values.hpp"
#include "src/match/string_values.hpp"

namespace auditflow::match {

/// The first of the field's values that is a scalar and not null, those in arrays included.
std::optional<event::Value> FirstScalar(const FieldValues& values, FieldId field);

/// Gives values to the fields of one event that it has elsewhere, as a `FieldMapper` says.
///
/// Thread safety: thread-compatible.
class AliasReader {
 public:
  /// Both must live until `AddTo`; the values that are made, until the next call of `Begin`.
  void Begin(const event::Event& event, const FieldValues& values) {
    event_ = &event;
    values_ = &values;
    read_.clear();
    texts_.Clear();
  }

  /// Whether the alias is about a field that has no values yet, or other ones.
  [[nodiscard]] bool Counts(const FieldMapper::Alias& alias) const {
    return alias.instead || !values_->Has(alias.field);
  }

  /// `found` is a value of the alias's source.
  void Read(const FieldMapper::Alias& alias, const FieldValues::Found& found);

  [[nodiscard]] bool empty() const { return read_.empty(); }

  /// Adds what was read, of the lowest rank of each field, to the values given to `Begin`.
  /// @return whether values that were there had to go.
  bool AddTo(FieldValues& values);

 private:
  struct ReadValue {
    FieldId field = 0;
    std::uint32_t rank = 0;
    event::Value value;
  };

  void Take(const FieldMapper::Alias& alias, event::Value value) {
    read_.push_back({alias.field, alias.rank, value});
  }
  void TakeMeanings(const FieldMapper::Alias& alias, FieldId source);
  void TakeText(const FieldMapper::Alias& alias);

  const event::Event* event_ = nullptr;
  const FieldValues* values_ = nullptr;
  std::vector<ReadValue> read_;
  StringValues texts_;
  std::vector<event::Value> source_values_;
  std::string scratch_;
};

}  // namespace auditflow::match
