// Three readers have to agree: the parser, the validator that explains its refusals, and
// nlohmann_json. What is accepted is written as JSON and read back as the same document. A parser
// that knows the layout reads it in another way, which has to give the same to the last bit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
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

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t SkipSpace(std::string_view json, std::size_t at) {
  while (at < json.size() && IsSpace(json[at])) ++at;
  return at;
}

/// Behind the closing quote of the string whose opening one is at `at`, or the end of the text.
std::size_t EndOfString(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"';) at += json[at] == '\\' ? 2 : 1;
  return std::min(at + 1, json.size());
}

/// A document with the keys of this one, be it cut off or broken: zeros for whatever is no object.
/// No JSON if there is no telling.
std::string LayoutOf(std::string_view json) {
  std::string layout;
  std::size_t arrays = 0;
  std::size_t objects = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') {
      const std::size_t end = EndOfString(json, at);
      const std::size_t colon = SkipSpace(json, end);
      if (arrays == 0 && colon < json.size() && json[colon] == ':') {
        if (!layout.ends_with('{')) layout += ',';
        layout.append(json, at, end - at) += ':';
        const std::size_t value = SkipSpace(json, colon + 1);
        if (value >= json.size() || json[value] != '{') layout += '0';
      }
      at = end - 1;
    } else if (c == '[') {
      ++arrays;
    } else if (c == ']') {
      arrays -= std::min<std::size_t>(arrays, 1);
    } else if (c == '{' && arrays == 0) {
      layout += c;
      ++objects;
    } else if (c == '}' && arrays == 0 && objects > 0) {
      layout += c;
      --objects;
    }
  }
  return layout.append(objects, '}');
}

void RequireSame(const Event& event, const Event& other) {
  const std::uint64_t* const words = event.root().tape()->words;
  const auto count = static_cast<std::uint32_t>(words[0]);  // where the last one stands, and one
  Require(event.raw() == other.raw());
  Require(event.strings() == other.strings());
  Require(std::equal(words, words + count, other.root().tape()->words));
  Require(std::equal(event.members().begin(), event.members().end(), other.members().begin(),
                     other.members().end()));
}

/// By a parser that has just learned the layout, and with bytes behind the text that might
/// complete it.
void CheckReadByLayout(std::string_view json) {
  Event fresh;
  Event known;
  EventParser parser(kLimits);
  const std::string expected = EventParser(kLimits).ParseInto(json, fresh).ToString();
  (void)parser.ParseInto(LayoutOf(json), known);
  const std::unique_ptr<char[]> padded(new char[json.size() + EventParser::kPadding]);
  char* const end = std::copy(json.begin(), json.end(), padded.get());
  constexpr std::string_view kBehind[] = {std::string_view("\0", 1),
                                          "\"}",
                                          "}",
                                          "]}",
                                          "0",
                                          ",",
                                          "\"",
                                          "\\",
                                          "e1,",
                                          " ",
                                          ":{",
                                          "rue}",
                                          "\\u00e9\"}"};
  const std::string_view behind = kBehind[json.size() % std::size(kBehind)];
  for (std::size_t i = 0; i < EventParser::kPadding; ++i) end[i] = behind[i % behind.size()];
  for (int round = 0; round < 2; ++round) {
    const auditflow::Status status = parser.ParseInPlace({padded.get(), json.size()}, known);
    Require(status.ToString() == expected);
    if (status.ok()) RequireSame(fresh, known);
  }
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
  CheckReadByLayout(json);
  std::string quoted;
  auditflow::event::AppendJsonString(json, quoted);
  Require(nlohmann::json::parse(quoted).is_string());
  return 0;
}
