#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/sigma/link.hpp"

namespace auditflow::api {

/// A rule of a package, with both views of it: its document and its alerts.
struct RuleEntry {
  sigma::RuleRef ref;
  const sigma::Metadata* metadata = nullptr;
  const alert::AlertTemplate* alert = nullptr;
  bool makes_alerts = false;

  [[nodiscard]] bool is_detection() const { return ref.kind == sigma::RuleRef::Kind::kDetection; }
  [[nodiscard]] std::string_view kind() const {
    return is_detection() ? "detection" : "correlation";
  }
};

/// Rule number `index`: detections first.
RuleEntry EntryOf(const pipeline::RulePackage& package, std::size_t index);

enum class RuleDetail : std::uint8_t { kSummary, kWhole };

/// Appends a rule as a JSON object. `matches`: negative: left out.
void AppendRule(const pipeline::RulePackage& package, const RuleEntry& rule, std::int64_t matches,
                RuleDetail detail, std::string& out);

}  // namespace auditflow::api
