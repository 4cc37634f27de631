#include "src/match/value_map.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "src/match/case_fold.hpp"
#include "src/match/scalar_test.hpp"

namespace auditflow::match {

ValueMap::ValueMap(const std::vector<std::pair<std::string, std::string>>& values) {
  by_text_.reserve(values.size());
  for (const auto& [value, meaning] : values) {
    by_text_.emplace_back(Folded(value), meanings_.Add(meaning));
    longest_ = std::max(longest_, by_text_.back().first.size());
  }
}

event::Value ValueMap::Of(const event::Event& event, event::Value value,
                          std::string& scratch) const {
  constexpr std::size_t kMostShrunk = 4;  // a code point has one to four bytes, folded or not
  const std::optional<std::string_view> text = TextOf(event, value);
  if (!text || text->size() > kMostShrunk * longest_) return value;
  scratch.clear();
  AppendFolded(*text, scratch);
  for (const auto& [known, meaning] : by_text_) {
    if (known == scratch) return meaning;
  }
  return value;
}

}  // namespace auditflow::match
