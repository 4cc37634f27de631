// Three readers have to agree: the parser, the validator that explains its refusals, and
// nlohmann_json. What is accepted is written as JSON and read back as the same document.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "auditflow/event/audit_event.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/event/json_writer.hpp"

#include "src/event/diagnose.hpp"

namespace {

using auditflow::event::Event;
using auditflow::event::EventParser;
using auditflow::event::ParseLimits;
using auditflow::event::Type;
using auditflow::event::Value;

constexpr ParseLimits kLimits{.max_bytes = 1 << 16, .max_depth = 40, .max_keys = 100};

void Require(bool holds) {
  if (!holds) std::abort();
}

/// Notices what the parser refuses though it is JSON to others.
class StricterRules final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool accepted = true;

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(std::int64_t /*value*/) override { return true; }
  bool number_unsigned(std::uint64_t /*value*/) override { return true; }
  bool number_float(double /*value*/, const std::string& text) override {
    if (text.find_first_of(".eE") == std::string::npos) accepted = false;
    return true;
  }
  bool string(std::string& /*value*/) override { return true; }
  bool binary(nlohmann::json::binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*size*/) override { return Open(); }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t /*size*/) override {
    if (open_.empty()) accepted = false;
    return Open();
  }
  bool end_array() override { return Close(); }
  bool key(std::string& name) override {
    if (!open_.back().insert(name).second || ++keys_ > kLimits.max_keys) accepted = false;
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  bool Open() {
    open_.emplace_back();
    if (open_.size() > kLimits.max_depth) accepted = false;
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> open_;
  std::size_t keys_ = 0;
};

bool OthersAccept(std::string_view json) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  const std::size_t start = json.find_first_not_of(" \t\n\r");
  if (json.substr(0, kMark.size()) == kMark) return false;
  if (json.find('\0') != json.npos) return false;  // nlohmann_json takes NUL for the end
  if (start == std::string_view::npos || json[start] != '{') return false;
  StricterRules rules;
  return nlohmann::json::sax_parse(json, &rules) && rules.accepted;
}

void CheckAccepted(const Event& event, std::string_view json, EventParser& parser) {
  Require(event.raw() == json);
  std::string written;
  AppendJson(event.root(), event, written);
  Event again;
  Require(parser.ParseInto(written, again).ok());
  std::string twice;
  AppendJson(again.root(), again, twice);
  Require(written == twice);
  Require(nlohmann::json::parse(json) == nlohmann::json::parse(written));
  (void)auditflow::event::IdentityOf(event);
  (void)auditflow::event::CheckAuditEvent(event);
  event.root().ForEachMember([&](std::string_view key, Value) {
    Require(ForEachAt(event, key, [](Value) {}));
    (void)TextAt(event, key);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static EventParser parser(kLimits);
  static EventParser second(ParseLimits{});
  static Event event;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auditflow::Status status = parser.ParseInto(json, event);
  const auto fault = auditflow::event::Diagnose(json, kLimits);
  Require(status.ok() == !fault.has_value());
  Require(!fault || fault->offset <= size);
  if (size <= kLimits.max_bytes) Require(status.ok() == OthersAccept(json));
  if (status.ok()) CheckAccepted(event, json, second);
  std::string quoted;
  auditflow::event::AppendJsonString(json, quoted);
  Require(nlohmann::json::parse(quoted).is_string());
  return 0;
}
