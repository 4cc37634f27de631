#include "src/match/value_map.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

#include "auditflow/event/json_writer.hpp"

#include "src/match/case_fold.hpp"
#include "src/match/scalar_test.hpp"

namespace auditflow::match {
namespace {

std::string FoldedText(std::string_view text) {
  std::string folded;
  AppendFolded(text, folded);
  return folded;
}

/// `{"v":["…",…]}`
event::Event EventOf(const std::vector<std::pair<std::string, std::string>>& values) {
  std::string json = "{\"v\":[";
  for (const auto& [value, meaning] : values) {
    if (json.back() != '[') json += ',';
    event::AppendJsonString(meaning, json);
  }
  auto parsed = event::EventParser().Parse(json + "]}");
  return parsed ? std::move(*parsed) : event::Event();
}

}  // namespace

ValueMap::ValueMap(const std::vector<std::pair<std::string, std::string>>& values)
    : meanings_(EventOf(values)) {
  const auto list = meanings_.root().Find("v");
  if (!list) return;
  std::size_t at = 0;
  list->ForEachElement([&](event::Value meaning) {
    by_text_.emplace_back(FoldedText(values[at++].first), meaning);
  });
}

event::Value ValueMap::Of(const event::Event& event, event::Value value) const {
  const std::optional<std::string_view> text = TextOf(event, value);
  if (!text) return value;
  const std::string folded = FoldedText(*text);
  for (const auto& [known, meaning] : by_text_) {
    if (known == folded) return meaning;
  }
  return value;
}

}  // namespace auditflow::match
