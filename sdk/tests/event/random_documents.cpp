#include "tests/event/random_documents.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace auditflow::event {
namespace {

/// With an `@` for each value that is no object.
constexpr std::string_view kLayouts[] = {
    R"({"a":@})",
    R"({"a":@,"b":@})",
    R"({"a":@,"b":{"c":@,"d":{}},"e":@})",
    R"({"a":{"b":{"c":@}},"e":@})",
    R"({"x":{"x":{"x":{"x":@}}}})",
    R"({"":@,"k":@,"kk":@,"kkkkkkk":@,"kkkkkkkk":@,"kkkkkkkkk":@,"kkkkkkkkkkkkkkkk":@})",
    R"({"k":@,"":@,"kkkkkkkkkkkkkkkkk":@,"kkkkkkkkkkkkkkkkl":@})",
    R"({"0123456789abcdef0123456789abcde":@,"0123456789abcdef0123456789abcdef":@,)"
    R"("0123456789abcdef0123456789abcdefg":@,"0123456789abcdef0123456789abcdef, and more":@})",
    R"({"timestamp":@,"event_id":@,"details":{"ip_address":@,"user":{"name":@,"roles":@},)"
    R"("größe €😀":@},"outcome":@})"};

constexpr std::string_view kNumbers[] = {"0",
                                         "-0",
                                         "-1",
                                         "999999999999999999",
                                         "1000000000000000000",
                                         "9223372036854775807",
                                         "-9223372036854775807",
                                         "-9223372036854775808",
                                         "9223372036854775808",
                                         "18446744073709551615",
                                         "0.0",
                                         "-0.0",
                                         "0e0",
                                         "-0E-0",
                                         "0e999",
                                         "1E+2",
                                         "1e23",
                                         "9007199254740993.0",
                                         "1.7976931348623157e308",
                                         "2.2250738585072014e-308",
                                         "2.2250738585072011e-308",
                                         "4.9e-324",
                                         "123456789012345678901234567890.5"};

constexpr std::string_view kPieces[] = {R"(\")", R"(\\)", R"(\/)",     R"(\b)", R"(\f)", R"(\n)",
                                        R"(\r)", R"(\t)", R"(\u0000)", "é",     "€",     "😀",
                                        "\x7f",  "{",     "}",         "[",     "]",     ":",
                                        ",",     "//",    "u0041",     "n",     " "};

/// What is no JSON, or what is rare.
constexpr std::string_view kOddities[] = {"1e400",
                                          "1e-400",
                                          "-9223372036854775809",
                                          "18446744073709551616",
                                          "01",
                                          "-01",
                                          "-",
                                          "--1",
                                          "1.",
                                          "1.e5",
                                          ".5",
                                          "+1",
                                          "1x",
                                          "1.5x",
                                          "1e",
                                          "1e+",
                                          "0x1",
                                          "1 2",
                                          "tru",
                                          "True",
                                          "truefalse",
                                          "nulll",
                                          "fals",
                                          "n",
                                          "",
                                          "NaN",
                                          "'x'",
                                          "\"",
                                          "\"\"\"\"",
                                          R"("\ud83d\ude00")",
                                          R"("\ud800")",
                                          R"("\udc00x")",
                                          R"("\x")",
                                          R"("\u12g4")",
                                          R"("\u123")",
                                          R"("\u 123")",
                                          R"("\U0041")",
                                          "\"a\tb\"",
                                          "\"\\\n\"",
                                          "\"\x1f\"",
                                          "\"\xc3\"",
                                          "\"\xa9\"",
                                          "\"\xc0\x80\"",
                                          "\"\xed\xa0\x80\"",
                                          "\"\xf4\x90\x80\x80\"",
                                          "[1,]",
                                          "[,1]",
                                          "[1 2]",
                                          "[",
                                          "]",
                                          "}",
                                          "{\"a\"}",
                                          "[{\"a\"}]",
                                          "[{\"a\":}]",
                                          "[{\"a\":1,}]",
                                          "[{,\"a\":1}]",
                                          "[{\"a\" 1}]",
                                          "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"};

constexpr char kBytes[] = "\"\\{}[]:,0123456789-+.eEtrufalsn/ \t\n\r\0\x01\x1f\x7f\x80\xbf\xc3\xff";

constexpr std::string_view kBehind[] = {
    std::string_view("\0", 1), " ", "}", "]}", "\"}", "\"", "\\", "0", "1,", "e1}", ":{}", "\xa9"};

template <class Table>
std::string_view OneOf(RandomSource& random, const Table& table) {
  return table[random.Below(std::size(table))];
}

}  // namespace

std::vector<std::string> RandomDocuments::OnePerLayout() {
  std::vector<std::string> documents;
  for (const std::string_view layout : kLayouts) {
    documents.emplace_back(layout);
    std::replace(documents.back().begin(), documents.back().end(), '@', '0');
  }
  return documents;
}

RandomDocuments::Document RandomDocuments::Next() {
  is_plain_ = true;
  spacing_ = Below(3);
  bool in_key = false;
  std::string text = Space();
  for (const char c : OneOf(*random_, kLayouts)) {
    if (c == '"') in_key = !in_key;
    if (c == '@') {
      text += Value(0);
    } else {
      text += c;
    }
    if (!in_key) text += Space();
  }
  return {text, is_plain_};
}

RandomDocuments::Mutant RandomDocuments::Mutate(std::string text) {
  std::string behind(OneOf(*random_, kBehind));
  for (std::uint64_t changes = 1 + Below(3); changes > 0 && !text.empty(); --changes) {
    const std::size_t at = Below(text.size());
    const char byte = kBytes[Below(sizeof kBytes - 1)];
    switch (Below(6)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text[at] = static_cast<char>(text[at] ^ 1 << Below(8));
        break;
      case 2:
        text.insert(at, 1, byte);
        break;
      case 3:
        text.erase(at, 1 + Below(3));
        break;
      case 4:
        text.insert(at, text.substr(Below(text.size()), 1 + Below(16)));
        break;
      default:
        behind = text.substr(at) + behind;
        text.resize(at);
        break;
    }
  }
  return {text, behind};
}

/// In most documents none or a single one.
std::string RandomDocuments::Space() {
  constexpr std::string_view kSpaces = " \t\n\r";
  if (spacing_ == 0) return "";
  if (spacing_ == 1) return Below(2) == 0 ? "" : " ";
  std::string space;
  for (std::uint64_t i = Below(4); i > 0; --i) space += kSpaces[Below(kSpaces.size())];
  return space;
}

std::string RandomDocuments::Value(unsigned depth) {
  constexpr std::string_view kWords[] = {"true", "false", "null"};
  constexpr unsigned kDeepest = 4;
  constexpr std::uint64_t kOddOnceIn = 100;
  if (Below(kOddOnceIn) == 0) {
    is_plain_ = false;
    return std::string(OneOf(*random_, kOddities));
  }
  switch (Below(depth < kDeepest ? 8 : 7)) {
    case 0:
      return std::string(OneOf(*random_, kWords));
    case 1:
      return std::string(OneOf(*random_, kNumbers));
    case 2:
      return Integer();
    case 3:
      return Double();
    case 7:
      return Array(depth + 1);
    default:
      return String();
  }
}

std::string RandomDocuments::Array(unsigned depth) {
  std::string array = "[" + Space();
  for (std::uint64_t i = Below(4); i > 0; --i) {
    array += Below(4) == 0 ? Object(depth + 1) : Value(depth);
    array += Space();
    if (i > 1) array += "," + Space();
  }
  return array + "]";
}

std::string RandomDocuments::Object(unsigned depth) {
  // Two of them are the same.
  constexpr std::string_view kKeys[] = {R"("d")", R"("e")", R"("\u0064")", R"("")"};
  std::string object = "{" + Space();
  for (std::uint64_t i = Below(4); i > 0; --i) {
    object += Below(4) == 0 ? String() : std::string(OneOf(*random_, kKeys));
    object += Space() + ":" + Space() + Value(depth) + Space();
    if (i > 1) object += "," + Space();
  }
  return object + "}";
}

std::string RandomDocuments::String() {
  std::string string = "\"";
  for (std::uint64_t i = Below(5); i > 0; --i) string += StringPiece();
  return string + "\"";
}

std::string RandomDocuments::StringPiece() {
  constexpr std::string_view kText = "The quick brown fox jumps over the lazy dog.";
  switch (Below(5)) {
    case 0:
      return CodePoint();
    case 1: {
      std::string backslashes;
      for (std::uint64_t i = Below(20); i > 0; --i) backslashes += R"(\\)";
      return backslashes;
    }
    case 2:
    case 3:
      return std::string(kText.substr(Below(16), Below(40)));
    default:
      return std::string(OneOf(*random_, kPieces));
  }
}

std::string RandomDocuments::CodePoint() {
  constexpr std::uint64_t kBounds[] = {0x80, 0x800, 0xD800, 0x2000};
  constexpr std::string_view kHex = "0123456789abcdef0123456789ABCDEF";
  const std::uint64_t kind = Below(std::size(kBounds));
  const std::uint64_t value = (kind == 3 ? 0xE000U : 0U) + Below(kBounds[kind]);
  std::string escape = "\\u";
  for (unsigned shift = 16; shift > 0;) {
    shift -= 4;
    escape += kHex[(value >> shift & 0xFU) + 16 * Below(2)];
  }
  return escape;
}

std::string RandomDocuments::Digits(std::size_t count) {
  std::string digits(count, '0');
  for (char& digit : digits) digit = static_cast<char>('0' + Below(10));
  return digits;
}

/// Of up to 20 digits, within 64 bits.
std::string RandomDocuments::Integer() {
  constexpr std::size_t kMostOfSigned = 18;
  const std::size_t more = Below(20);
  const std::string digits = Digits(more);
  if (more > kMostOfSigned) return "1" + digits.substr(1, kMostOfSigned);
  const bool is_negative = more < kMostOfSigned && Below(2) == 0;
  return (is_negative ? "-" : "") + std::to_string(1 + Below(9)) + digits;
}

std::string RandomDocuments::Double() {
  std::string number = Below(4) == 0 ? "0" : Integer();
  const std::uint64_t form = Below(3);
  if (form > 0) number += "." + Digits(1 + Below(20));
  if (form != 1) {
    constexpr std::string_view kSigns[] = {"", "-", "+"};
    number += Below(2) == 0 ? "e" : "E";
    number.append(OneOf(*random_, kSigns)) += std::to_string(Below(280));
  }
  return number;
}

}  // namespace auditflow::event
