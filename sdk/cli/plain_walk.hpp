#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <simdjson.h>

/// The yardstick of every figure about speed: what a program would need that parsed each event,
/// looked at each key and value once, and did nothing else with it.
namespace auditflow::cli {

/// Visits every key and value; strings are unescaped by then.
inline std::size_t Visit(simdjson::dom::element element) {
  std::size_t seen = 0;
  switch (element.type()) {
    case simdjson::dom::element_type::OBJECT:
      for (const auto member : simdjson::dom::object(element)) {
        seen += member.key.size() + Visit(member.value);
      }
      return seen;
    case simdjson::dom::element_type::ARRAY:
      for (const auto item : simdjson::dom::array(element)) seen += Visit(item);
      return seen;
    case simdjson::dom::element_type::STRING:
      return std::string_view(element).size();
    default:
      return 1;
  }
}

/// Gives the text the room behind its end that the parser may read.
inline void AddPadding(std::string& event) {
  event.reserve(event.size() + simdjson::SIMDJSON_PADDING);
}

/// Parses and visits. Requires valid JSON with `AddPadding`.
inline std::size_t PlainWalk(simdjson::dom::parser& parser, const std::string& event) {
  return Visit(parser.parse(event.data(), event.size(), false).value());
}

}  // namespace auditflow::cli
