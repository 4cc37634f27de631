#pragma once

#include <functional>
#include <string_view>

#include "auditflow/event/event.hpp"

namespace auditflow::match {

/// Where the values of a field are found: in the event under the field's own name, or elsewhere.
///
/// Thread safety: immutable.
class FieldReader {
 public:
  using Visitor = std::function<void(event::Value)>;

  FieldReader() = default;
  virtual ~FieldReader() = default;
  FieldReader(const FieldReader&) = delete;
  FieldReader& operator=(const FieldReader&) = delete;

  /// Calls `visit` for each value of the field, as `event::ForEachAt` does; for "" of every scalar
  /// of the event.
  /// @return whether the field is there.
  virtual bool ForEach(const event::Event& event, std::string_view field,
                       const Visitor& visit) const;
};

}  // namespace auditflow::match
