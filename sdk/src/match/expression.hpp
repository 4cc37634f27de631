#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "auditflow/sigma/document.hpp"

namespace re2 {
class RE2;
}  // namespace re2

/// What a rule means, with every modifier applied: a Boolean expression over atoms, each a question
/// about one field. `Lower` makes it from a rule; the naive evaluator answers it literally, the
/// compiler builds the fast form of it.
namespace auditflow::match {

/// A string with wildcards, as parts: text, `*` (any run of characters) and `?` (exactly one
/// character, i.e. one code point).
struct Pattern {
  enum class PartKind : std::uint8_t { kText, kAny, kOne };
  struct Part {
    PartKind kind = PartKind::kText;
    std::string text;  ///< kText: not empty, UTF-8 bytes
    friend bool operator==(const Part&, const Part&) = default;
  };
  std::vector<Part> parts;  ///< no two kText and no two kAny in a row; empty: the empty string
  bool cased = false;       ///< else compared after Unicode simple case folding
  friend bool operator==(const Pattern&, const Pattern&) = default;
};

/// An exact JSON number.
using Number = std::variant<std::int64_t, std::uint64_t, double>;

// The questions. Each is asked of every scalar that the field leads to and holds if it holds for
// any of them.

/// The scalar's text (strings as they are, numbers as written, true/false) fits the pattern as a
/// whole. Never holds for null.
struct MatchesPattern {
  Pattern pattern;
};
/// RE2 finds the expression somewhere in the scalar's text; flags are already in the text as
/// (?ims).
struct MatchesRegex {
  std::string regex;
  /// Compiled within the bound of the options, so that its automata keep to it as well.
  std::shared_ptr<const re2::RE2> program = nullptr;
};
/// The scalar is a number, or a string in JSON's number grammar, of exactly this value.
struct EqualsNumber {
  Number number;
};
/// true/false, or those words as a string in any letter case.
struct EqualsBool {
  bool value = false;
};
/// The field is missing or null. The one question with an answer for a missing field, beside
/// FieldExists.
struct IsNull {};
/// The key or path is (or is not) there, whatever its value.
struct FieldExists {
  bool expected = true;
};
/// As EqualsNumber, with an order relation. Not for NaN, not for other text.
struct ComparesNumber {
  sigma::Comparison comparison = sigma::Comparison::kGt;
  Number number;
};
/// The scalar is a date (Timestamp forms, or a Unix number) whose part compares so with the number.
struct ComparesDatePart {
  enum class Part : std::uint8_t { kMinute, kHour, kDay, kWeek, kMonth, kYear };
  Part part = Part::kHour;
  sigma::Comparison comparison = sigma::Comparison::kEq;
  Number number;
};
/// The scalar is an IPv4 or IPv6 address within the network; a mapped IPv4 address is tested as
/// IPv4.
struct InNetwork {
  std::array<std::uint8_t, 16> address{};  ///< IPv4 in its mapped form ::ffff:a.b.c.d
  std::uint8_t prefix_length = 0;          ///< of the 128-bit form: 96 more for IPv4
};
/// The scalar's text relates so to the text of any scalar of the other field.
struct RelatesToField {
  enum class Relation : std::uint8_t { kEquals, kContains, kStartsWith, kEndsWith };
  std::string other_field;
  Relation relation = Relation::kEquals;
  bool cased = false;
};

using Test = std::variant<MatchesPattern, MatchesRegex, EqualsNumber, EqualsBool, IsNull,
                          FieldExists, ComparesNumber, ComparesDatePart, InNetwork, RelatesToField>;

struct Atom {
  std::string field;  ///< as `event::ForEachAt` takes it; "" asks of every scalar leaf of the event
                      ///< (keywords)
  Test test;
};

struct Expression {
  enum class Kind : std::uint8_t { kAtom, kNot, kAnd, kOr };
  Kind kind = Kind::kAnd;
  Atom atom;  ///< kAtom
  std::vector<Expression>
      children;  ///< kNot: one; kAnd, kOr: any number; empty kAnd holds, empty kOr does not
};

}  // namespace auditflow::match
