#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/sigma/document.hpp"

#include "src/match/field_index.hpp"
#include "src/match/partition.hpp"

namespace auditflow::match {

/// The field in a part `%field%`.
std::optional<std::string_view> StatedField(std::string_view part);

/// Product, category and service; an empty part of a rule's logsource stands for any.
using LogsourceKey = std::array<std::string, 3>;
LogsourceKey KeyOf(const sigma::LogSource& logsource);

/// Whether a rule of logsource `rule` applies to an event of logsource `event`: each part that it
/// names is the event's.
bool Applies(const LogsourceKey& rule, const LogsourceKey& event);

/// From the logsources of an event to the partitions whose rules apply to it.
///
/// Thread safety: immutable once built.
class Router {
 public:
  /// What one document of the logsource map leads to.
  struct Route {
    std::uint32_t program = 0;  ///< holds if the event has the logsource
    std::vector<std::uint32_t> partitions;
    /// The parts that the event states itself, in a field each: `%field%` in the map.
    std::array<std::optional<FieldId>, 3> stated;
    LogsourceKey key;  ///< the parts that are not stated

    [[nodiscard]] bool IsStated() const { return stated[0] || stated[1] || stated[2]; }
  };

  /// `partitions`: the logsource of each partition's rules.
  explicit Router(std::vector<LogsourceKey> partitions) : partitions_(std::move(partitions)) {}

  void Add(const sigma::LogSource& logsource, std::uint32_t program, FieldIndex& fields);

  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }
  [[nodiscard]] std::vector<std::uint32_t> PartitionsOf(const LogsourceKey& event) const;

 private:
  std::vector<LogsourceKey> partitions_;
  std::vector<Route> routes_;
};

}  // namespace auditflow::match
