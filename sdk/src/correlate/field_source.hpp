#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auditflow/correlate/correlator.hpp"
#include "auditflow/event/event.hpp"

namespace auditflow::correlate {

/// The fields of an observation: those of an event, or of a hit and its triggering event.
///
/// Lifetime: refers to what it is made from. Thread safety: thread-compatible.
class FieldSource {
 public:
  FieldSource(const event::Event* event, const FieldLookup& lookup)
      : lookup_(lookup), event_(event) {}
  /// The hit's payload is read only if a field is not among its group's.
  FieldSource(const CorrelationHit& hit, event::EventParser& parser, event::Event& scratch,
              const FieldLookup& lookup)
      : lookup_(lookup), hit_(&hit), parser_(&parser), scratch_(&scratch) {}

  /// The first scalar at `path` in the form that values are compared in.
  std::optional<std::string> Text(std::string_view path);
  /// The first scalar at `path` as a finite number, be it written as a number or as text.
  std::optional<double> Number(std::string_view path);

 private:
  [[nodiscard]] const std::string* GroupValue(std::string_view path) const;
  const event::Event* Event();
  /// Nothing if it is missing or null.
  std::optional<event::Value> First(std::string_view path);

  const FieldLookup& lookup_;
  const event::Event* event_ = nullptr;
  const CorrelationHit* hit_ = nullptr;
  event::EventParser* parser_ = nullptr;
  event::Event* scratch_ = nullptr;
};

}  // namespace auditflow::correlate
