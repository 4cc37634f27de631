#include "src/event/diagnose.hpp"

#include <set>
#include <vector>

#include "auditflow/core/utf8.hpp"
#include "auditflow/event/json_writer.hpp"

#include "src/event/scan_number.hpp"

namespace auditflow::event {
namespace {

constexpr std::size_t kShownBytes = 64;

std::string Shown(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && end < kShownBytes) end += DecodeUtf8(text.substr(end)).length;
  std::string out;
  AppendJsonString(text.substr(0, end), out);
  return end < text.size() ? out + "…" : out;
}

std::string Hex(unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {'0', 'x', kDigits[byte >> 4U], kDigits[byte & 0xfU]};
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

class Diagnoser {
 public:
  Diagnoser(std::string_view json, const ParseLimits& limits) : json_(json), limits_(limits) {}

  std::optional<Fault> Run() {
    if (ReadStart()) ReadContainers();
    if (!fault_) {
      SkipSpace();
      if (at_ < json_.size()) Refuse("trailing bytes after the object");
    }
    return std::move(fault_);
  }

 private:
  struct Container {
    bool is_object;
    std::set<std::string, std::less<>> keys;
  };

  [[nodiscard]] bool AtEnd() const { return at_ >= json_.size(); }
  [[nodiscard]] char Peek() const { return AtEnd() ? '\0' : json_[at_]; }
  [[nodiscard]] std::string_view Rest() const { return json_.substr(at_); }

  bool RefuseAt(std::size_t offset, std::string reason,
                StatusCode code = StatusCode::kInvalidArgument) {
    if (!fault_) fault_ = Fault{code, offset, std::move(reason)};
    return false;
  }
  bool Refuse(std::string reason) { return RefuseAt(at_, std::move(reason)); }
  bool RefuseCharacter(const std::string& expected);

  void SkipSpace() {
    while (!AtEnd() && (Peek() == ' ' || Peek() == '\t' || Peek() == '\n' || Peek() == '\r')) ++at_;
  }

  bool ReadStart();
  void ReadContainers();
  bool ReadMemberStart();
  bool ReadElementStart();
  bool ReadValue();
  bool Open(bool is_object);
  bool Close();
  bool ReadKey();
  bool ReadString(std::string* unescaped);
  bool ReadEscape(std::string* unescaped);
  bool ReadUnicodeEscape(std::size_t escape_at, std::uint32_t& unit);
  bool ReadCodePoint(std::size_t escape_at, std::string* unescaped);
  bool ReadAtom(std::string_view atom);
  bool ReadNumberValue();

  std::string_view json_;
  const ParseLimits& limits_;
  std::size_t at_ = 0;
  std::size_t keys_ = 0;
  bool expects_first_ = false;  // directly behind an opening bracket
  std::vector<Container> open_;
  std::optional<Fault> fault_;
};

bool Diagnoser::RefuseCharacter(const std::string& expected) {
  if (AtEnd()) return Refuse("the text ends where " + expected + " is expected");
  const auto byte = static_cast<unsigned char>(Peek());
  if (byte >= 0x80 && !DecodeUtf8(Rest()).valid) {
    return Refuse("invalid UTF-8: byte " + Hex(byte));
  }
  const bool printable = byte > 0x20 && byte < 0x7f;
  const std::string found = printable ? std::string("'") + Peek() + "'" : "byte " + Hex(byte);
  return Refuse(found + " where " + expected + " is expected");
}

bool Diagnoser::ReadStart() {
  if (json_.size() > limits_.max_bytes) {
    return RefuseAt(limits_.max_bytes,
                    "the document has " + std::to_string(json_.size()) +
                        " bytes, more than the limit of " + std::to_string(limits_.max_bytes),
                    StatusCode::kResourceExhausted);
  }
  if (StartsWith(json_, "\xef\xbb\xbf")) return Refuse("a byte-order mark");
  if (StartsWith(json_, "\xff\xfe") || StartsWith(json_, "\xfe\xff")) {
    return Refuse("a UTF-16 byte-order mark; events are UTF-8");
  }
  SkipSpace();
  if (AtEnd()) return Refuse("no JSON: the document is empty");
  if (Peek() != '{') return RefuseCharacter("an object");
  return Open(true);
}

void Diagnoser::ReadContainers() {
  while (!open_.empty()) {
    SkipSpace();
    const bool read = open_.back().is_object ? ReadMemberStart() : ReadElementStart();
    if (!read) return;
  }
}

bool Diagnoser::ReadMemberStart() {
  if (Peek() == '}') return Close();
  if (!expects_first_) {
    if (Peek() != ',') return RefuseCharacter("',' or '}'");
    ++at_;
    SkipSpace();
  }
  if (Peek() != '"') return RefuseCharacter(expects_first_ ? "a key or '}'" : "a key");
  if (!ReadKey()) return false;
  SkipSpace();
  if (Peek() != ':') return RefuseCharacter("':'");
  ++at_;
  return ReadValue();
}

bool Diagnoser::ReadElementStart() {
  if (Peek() == ']') return Close();
  if (!expects_first_) {
    if (Peek() != ',') return RefuseCharacter("',' or ']'");
    ++at_;
  }
  return ReadValue();
}

bool Diagnoser::ReadValue() {
  expects_first_ = false;
  SkipSpace();
  switch (Peek()) {
    case '{':
      return Open(true);
    case '[':
      return Open(false);
    case '"':
      return ReadString(nullptr);
    case 't':
      return ReadAtom("true");
    case 'f':
      return ReadAtom("false");
    case 'n':
      return ReadAtom("null");
    default:
      return ReadNumberValue();
  }
}

bool Diagnoser::Open(bool is_object) {
  if (open_.size() >= limits_.max_depth) {
    return RefuseAt(at_, "nested deeper than the limit of " + std::to_string(limits_.max_depth),
                    StatusCode::kResourceExhausted);
  }
  open_.push_back({is_object, {}});
  expects_first_ = true;
  ++at_;
  return true;
}

bool Diagnoser::Close() {
  open_.pop_back();
  expects_first_ = false;
  ++at_;
  return true;
}

bool Diagnoser::ReadKey() {
  const std::size_t key_at = at_;
  if (++keys_ > limits_.max_keys) {
    return RefuseAt(key_at, "more keys than the limit of " + std::to_string(limits_.max_keys),
                    StatusCode::kResourceExhausted);
  }
  std::string key;
  if (!ReadString(&key)) return false;
  const auto [place, added] = open_.back().keys.insert(std::move(key));
  return added || RefuseAt(key_at, "duplicate key " + Shown(*place));
}

bool Diagnoser::ReadString(std::string* unescaped) {
  const std::size_t quote_at = at_++;
  while (!AtEnd() && Peek() != '"') {
    const auto byte = static_cast<unsigned char>(Peek());
    if (byte < 0x20) return Refuse("control character " + Hex(byte) + " in a string");
    if (byte == '\\') {
      if (!ReadEscape(unescaped)) return false;
      continue;
    }
    const Utf8Step step = DecodeUtf8(Rest());
    if (!step.valid) return Refuse("invalid UTF-8: byte " + Hex(byte));
    if (unescaped != nullptr) unescaped->append(json_, at_, step.length);
    at_ += step.length;
  }
  if (AtEnd()) return RefuseAt(quote_at, "a string without an end");
  ++at_;
  return true;
}

bool Diagnoser::ReadEscape(std::string* unescaped) {
  const std::size_t escape_at = at_++;
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (AtEnd()) return RefuseAt(escape_at, "the text ends in an escape");
  if (Peek() == 'u') return ReadCodePoint(escape_at, unescaped);
  const std::size_t known = kNames.find(Peek());
  if (known == std::string_view::npos) return RefuseAt(escape_at, "unknown escape in a string");
  if (unescaped != nullptr) unescaped->push_back(kMeanings[known]);
  ++at_;
  return true;
}

bool Diagnoser::ReadUnicodeEscape(std::size_t escape_at, std::uint32_t& unit) {
  ++at_;  // the u
  unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const int digit = AtEnd() ? -1 : HexValue(Peek());
    if (digit < 0) return RefuseAt(escape_at, "\\u without four hexadecimal digits");
    unit = unit << 4U | static_cast<std::uint32_t>(digit);
  }
  return true;
}

bool Diagnoser::ReadCodePoint(std::size_t escape_at, std::string* unescaped) {
  std::uint32_t code_point = 0;
  if (!ReadUnicodeEscape(escape_at, code_point)) return false;
  if (code_point >= 0xdc00 && code_point < 0xe000) {
    return RefuseAt(escape_at, "an unpaired low surrogate");
  }
  if (code_point >= 0xd800 && code_point < 0xdc00) {
    std::uint32_t low = 0;
    if (!StartsWith(Rest(), "\\u")) return RefuseAt(escape_at, "an unpaired high surrogate");
    const std::size_t low_at = at_++;
    if (!ReadUnicodeEscape(low_at, low)) return false;
    if (low < 0xdc00 || low >= 0xe000) return RefuseAt(escape_at, "an unpaired high surrogate");
    code_point = 0x10000 + ((code_point - 0xd800) << 10U) + (low - 0xdc00);
  }
  if (unescaped != nullptr) AppendUtf8(code_point, *unescaped);
  return true;
}

bool Diagnoser::ReadAtom(std::string_view atom) {
  if (!StartsWith(Rest(), atom)) return Refuse("neither true nor false nor null");
  const std::size_t atom_at = at_;
  at_ += atom.size();
  constexpr std::string_view kEnds = " \t\n\r,:[]{}";
  // What is glued to an atom makes another word of it: nullx, true"".
  if (AtEnd() || kEnds.find(Peek()) != std::string_view::npos) return true;
  return RefuseAt(atom_at, "neither true nor false nor null");
}

bool Diagnoser::ReadNumberValue() {
  const char first = Peek();
  if (first != '-' && (first < '0' || first > '9')) return RefuseCharacter("a value");
  const NumberScan scan = ScanNumber(Rest());
  if (scan.fault != nullptr) return RefuseAt(at_ + scan.fault_at, scan.fault);
  at_ += scan.size;
  return true;
}

}  // namespace

std::optional<Fault> Diagnose(std::string_view json, const ParseLimits& limits) {
  return Diagnoser(json, limits).Run();
}

}  // namespace auditflow::event
