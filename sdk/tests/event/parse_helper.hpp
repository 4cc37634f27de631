#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "auditflow/event/event.hpp"
#include "auditflow/event/json_writer.hpp"

namespace auditflow::event {

inline Event MustParse(std::string_view json, ParseLimits limits = {}) {
  Result<Event> event = EventParser(limits).Parse(json);
  if (!event) {
    ADD_FAILURE() << event.error().ToString();
    return *EventParser().Parse("{}");
  }
  return std::move(*event);
}

inline Status ParseFault(std::string_view json, ParseLimits limits = {}) {
  const Result<Event> event = EventParser(limits).Parse(json);
  return event ? Status() : event.error();
}

inline std::string ToJson(const Event& event) {
  std::string out;
  AppendJson(event.root(), event, out);
  return out;
}

inline std::string Repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out.append(text);
  return out;
}

}  // namespace auditflow::event
