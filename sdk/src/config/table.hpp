#pragma once

#include <functional>
#include <string>
#include <vector>

#include "auditflow/config/settings.hpp"

namespace auditflow::config {

struct SettingTable::Setting {
  std::string name;
  std::string form;  ///< what it takes, for the documentation: "port", "1 to 100"
  std::string help;
  std::function<Status(std::string_view)> set;
  std::function<std::string()> show;
  bool secret = false;
  std::string default_text = {};
  std::string origin = {};  ///< empty: the default
};

struct SettingTable::Impl {
  struct Group {
    std::string title;
    std::vector<Setting> settings;
  };
  struct Condition {
    std::string name;
    std::function<Status()> check;
  };

  std::vector<Group> groups;
  std::size_t current = 0;
  std::vector<Condition> conditions;
  std::vector<SettingProblem> mistakes;  ///< of the program that made the table
  std::vector<SettingProblem> unknown;

  [[nodiscard]] const Setting* Find(std::string_view name) const;
  /// A setting, or a variable that belongs to one.
  [[nodiscard]] bool Knows(std::string_view name) const;
};

}  // namespace auditflow::config
