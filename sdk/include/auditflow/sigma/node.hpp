#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/sigma/source.hpp"

namespace auditflow::sigma {

/// A YAML value as data: what survives of a document once aliases are resolved and scalars are
/// typed.
///
/// Scalars follow the YAML 1.2 core schema (`true`, `123`, `0x1f`, `1.5`, `~`; `yes` and dates stay
/// strings); quoted and block scalars are strings. Map keys are strings in document order; a
/// duplicate key is an error of the loader.
struct Node {
  enum class Kind : std::uint8_t {
    kNull,
    kBool,
    kInteger,
    kUnsigned,
    kDouble,
    kString,
    kSequence,
    kMap
  };

  /// How a scalar was written, so far as places inside its text follow from it.
  enum class Style : std::uint8_t {
    kPlain,   ///< on one line, without quotes: the text starts at `location`
    kQuoted,  ///< on one line, in quotes: the text starts one column later
    kFolded,  ///< on several lines, or a block
  };

  Kind kind = Kind::kNull;
  Style style = Style::kPlain;
  bool boolean = false;
  SourceLocation location;
  std::int64_t integer = 0;            ///< kInteger
  std::uint64_t unsigned_integer = 0;  ///< kUnsigned: only above int64's range
  double number = 0;                   ///< kDouble
  std::string text;         ///< every scalar's text as written (after YAML's own unescaping)
  std::vector<Node> items;  ///< kSequence
  struct Member;
  std::vector<Member> members;  ///< kMap

  [[nodiscard]] bool is_scalar() const { return kind < Kind::kSequence; }
  [[nodiscard]] const Node* Find(std::string_view key) const;
};

struct Node::Member {
  std::string key;
  SourceLocation key_location;
  Node value;
};

}  // namespace auditflow::sigma
