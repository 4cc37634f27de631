#pragma once

#include <string>
#include <vector>

#include "auditflow/pipeline/scanner.hpp"

#include "cli/terminal.hpp"

namespace auditflow::cli {

/// "high", or "" for a rule without a level.
std::string LevelName(const sigma::Metadata& metadata);
/// For `--level`: a rule without a level counts as medium, as in alerts.
sigma::Level EffectiveLevel(const sigma::Metadata& metadata);

/// Writes findings as JSON lines.
class FindingJson {
 public:
  /// `files`: names by `EventPosition::file`; borrowed.
  FindingJson(const std::vector<std::string>& files, bool with_event)
      : files_(files), with_event_(with_event) {}

  /// One line; valid until the next call.
  const std::string& Format(const pipeline::Finding& finding);

 private:
  void Position(const pipeline::EventPosition& position);
  void Hit(const pipeline::Finding& finding);
  void KeyFields(const event::Event& event);
  void Member(std::string_view key, std::string_view text);
  void Number(std::string_view key, std::uint64_t number);
  void Key(std::string_view key);

  const std::vector<std::string>& files_;
  bool with_event_;
  std::string line_;
};

/// Writes findings as rows of a table that fits the terminal.
class FindingTable {
 public:
  FindingTable(const std::vector<std::string>& files, const Terminal& terminal);

  [[nodiscard]] std::string Header() const;
  [[nodiscard]] std::string Row(const pipeline::Finding& finding) const;

 private:
  [[nodiscard]] std::string Place(const pipeline::Finding& finding) const;

  const std::vector<std::string>& files_;
  Terminal terminal_;
  std::size_t rule_columns_;
  std::size_t place_columns_;
  std::size_t detail_columns_;
};

}  // namespace auditflow::cli
