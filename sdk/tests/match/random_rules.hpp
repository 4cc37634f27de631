#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "auditflow/core/random.hpp"

namespace auditflow::match {

/// Few words, fields and numbers, so that rules and events meet often and in every combination.
class RandomRules {
 public:
  explicit RandomRules(std::uint64_t seed) : random_(SeededRandom(seed)) {}

  std::string Rules(std::size_t count) {
    std::string yaml;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) yaml += "---\n";
      yaml += Rule(i);
    }
    return yaml;
  }

  std::string Event() { return Object(2); }

 private:
  std::string Rule(std::size_t number) {
    const std::size_t selections = 1 + Below(3);
    std::string detection;
    for (std::size_t i = 0; i < selections; ++i) {
      detection += "  s" + std::to_string(i) + ":\n" + Selection();
    }
    return "title: rule " + std::to_string(number) + "\nlogsource: {product: test}\ndetection:\n" +
           detection + "  condition: " + Condition(selections, 2) + "\n";
  }

  std::string Selection() {
    switch (Below(8)) {
      case 0:
        return "    - " + Quoted(Text()) + "\n    - " + Quoted(Text()) + "\n";
      case 1:
        return "    - " + Item() + "\n    - " + Item() + "\n";
      default: {
        std::string items;
        std::vector<std::string> keys;
        for (std::size_t i = 0; i < 1 + Below(3); ++i) {
          const std::string item = Item();
          const std::string key = item.substr(0, item.find(':'));
          if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
          keys.push_back(key);
          items += "    " + item + "\n";
        }
        return items;
      }
    }
  }

  std::string Item() {
    const std::string field = FieldName();
    switch (Below(14)) {
      case 0:
        return field + ": null";
      case 1:
        return field + ": " + Number();
      case 2:
        return field + ": [" + Number() + ", " + Quoted(Text()) + "]";
      case 3:
        return field + "|exists: " + Pick({"true", "false"});
      case 4:
        return field + "|re: " +
               Quoted(
                   Pick({"a+b", "^alpha", "be.a$", "(al|be)(pha|ta)", "[0-9]+", "\\d{2}", "g?"}));
      case 5:
        return field + "|" + Pick({"lt", "lte", "gt", "gte"}) + ": " + Number();
      case 6:
        return field + "|cidr: " + Pick({"10.0.0.0/8", "192.168.1.0/24", "'::1/128'"});
      case 7:
        return field + "|fieldref" + Pick({"", "|contains", "|startswith"}) + ": " + FieldName();
      case 8:
        return field + "|contains|all: [" + Quoted(Text()) + ", " + Quoted(Text()) + "]";
      case 9:
        return field + Pick({"|cased", "|contains|cased", "|neq"}) + ": " + Quoted(Text());
      case 10:
        return field + ": " + Pick({"true", "false"});
      case 11:
        return field + "|windash|contains: ' -" + Word() + "'";
      default:
        return field + Pick({"", "|contains", "|startswith", "|endswith"}) + ": [" +
               Quoted(Text()) + ", " + Quoted(Text()) + "]";
    }
  }

  std::string Condition(std::size_t selections, int depth) {
    if (depth > 0 && Below(3) > 0) {
      const std::string left = Condition(selections, depth - 1);
      switch (Below(4)) {
        case 0:
          return "not (" + left + ")";
        case 1:
          return "(" + left + " or " + Condition(selections, depth - 1) + ")";
        default:
          return "(" + left + " and " + Condition(selections, depth - 1) + ")";
      }
    }
    if (Below(6) == 0) return Pick({"1 of them", "all of them", "1 of s*"});
    return "s" + std::to_string(Below(selections));
  }

  std::string Object(int depth) {
    std::string members;
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < Below(7); ++i) {
      const std::string key = Key();
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      keys.push_back(key);
      members += (members.empty() ? "\"" : ", \"") + key + "\": " + Value(depth);
    }
    return "{" + members + "}";
  }

  std::string Value(int depth) {
    if (depth > 0 && Below(4) == 0) return Object(depth - 1);
    if (depth > 0 && Below(5) == 0) {
      std::string items;
      for (std::size_t i = 0; i < Below(4); ++i) {
        items += (items.empty() ? "" : ", ") + Value(depth - 1);
      }
      return "[" + items + "]";
    }
    switch (Below(8)) {
      case 0:
        return Pick({"null", "true", "false"});
      case 1:
        return Number();
      case 2:
        return "\"" + Number() + "\"";
      case 3:
        return Pick({"\"10.1.2.3\"", "\"192.168.1.77\"", "\"::1\"", "\"::ffff:10.0.0.9\"", "\"\""});
      default:
        return "\"" + Word() + Pick({"", " ", " -", "\\n", "\\\\", "*"}) + Word() + "\"";
    }
  }

  std::string Text() {
    return Pick({"", "*", "?", "*"}) + Word() + Pick({"", "*", "?", "\\", " -"}) +
           Pick({"", "", Word()}) + Pick({"", "*"});
  }
  std::string Word() {
    return Pick({"alpha", "Alpha", "BETA", "beta", "al", "b", "gamma delta", "\xC3\x84\xC3\x96",
                 "\xC3\xA4\xC3\xB6", "", "ab", "aab", "12"});
  }
  std::string Number() {
    return Pick({"0", "1", "-1", "12", "12.5", "1e1", "10", "9007199254740993", "9007199254740992",
                 "18446744073709551615"});
  }
  std::string FieldName() {
    return Pick({"a", "b", "c", "n.a", "n.b", "n.n.a", "SpacedName", "d"});
  }
  std::string Key() {
    return Pick({"a", "b", "c", "n", "n", "n.a", "n.b", "Spaced Name", "SpacedName", "d", "other"});
  }
  static std::string Quoted(const std::string& text) { return "'" + text + "'"; }

  std::string Pick(std::initializer_list<std::string> choices) {
    return *(choices.begin() + static_cast<std::ptrdiff_t>(Below(choices.size())));
  }
  std::size_t Below(std::size_t bound) { return random_->Below(bound); }

  std::unique_ptr<RandomSource> random_;
};

}  // namespace auditflow::match
