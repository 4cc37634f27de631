#include "src/sigma/fields.hpp"

#include <algorithm>
#include <utility>

#include "src/sigma/text.hpp"

namespace auditflow::sigma {

std::string Describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "null";
    case Node::Kind::kBool:
      return "the boolean " + Quote(node.text);
    case Node::Kind::kInteger:
    case Node::Kind::kUnsigned:
    case Node::Kind::kDouble:
      return "the number " + Quote(node.text);
    case Node::Kind::kString:
      return "the string " + Quote(node.text);
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
  }
  return "";
}

void WrongType(const Node& value, std::string_view key, std::string_view expected,
               Reporter& reporter) {
  const bool quotes_help = value.is_scalar() && value.kind != Node::Kind::kNull &&
                           value.kind != Node::Kind::kString &&
                           expected.find("string") != std::string_view::npos;
  reporter.Invalid(value.location, "wrong-type",
                   "'" + std::string(key) + "' must be " + std::string(expected) + ", not " +
                       Describe(value) + (quotes_help ? "; put it in quotes" : ""));
}

bool ReadString(Node& value, std::string_view key, std::size_t max_characters, std::string& out,
                Reporter& reporter) {
  if (value.kind != Node::Kind::kString) {
    WrongType(value, key, "a string", reporter);
    return false;
  }
  const std::size_t length = CharacterCount(value.text);
  if (length > max_characters) {
    reporter.Invalid(value.location, "too-long",
                     "'" + std::string(key) + "' has " + std::to_string(length) +
                         " characters; at most " + std::to_string(max_characters) + " are allowed");
    return false;
  }
  out = std::move(value.text);
  return true;
}

bool ReadStrings(Node& value, std::string_view key, bool warn_on_single,
                 std::vector<std::string>& out, Reporter& reporter) {
  if (value.kind == Node::Kind::kString) {
    if (warn_on_single) {
      reporter.Warn(value.location, "not-a-list",
                    "'" + std::string(key) + "' should be a list; taken as a list of one");
    }
    out.push_back(std::move(value.text));
    return true;
  }
  if (value.kind != Node::Kind::kSequence) {
    WrongType(value, key, "a list of strings", reporter);
    return false;
  }
  bool ok = true;
  for (Node& item : value.items) {
    if (item.kind == Node::Kind::kString) {
      out.push_back(std::move(item.text));
    } else {
      WrongType(item, "an entry of " + std::string(key), "a string", reporter);
      ok = false;
    }
  }
  return ok;
}

bool ReadBool(const Node& value, std::string_view key, bool& out, Reporter& reporter) {
  if (value.kind != Node::Kind::kBool) {
    WrongType(value, key, "true or false", reporter);
    return false;
  }
  out = value.boolean;
  return true;
}

bool ReadWord(const Node& value, std::string_view key, std::span<const std::string_view> words,
              std::size_t* index, Reporter& reporter) {
  if (value.kind != Node::Kind::kString) {
    WrongType(value, key, "a string", reporter);
    return false;
  }
  const auto found = std::find(words.begin(), words.end(), value.text);
  if (found != words.end()) {
    *index = static_cast<std::size_t>(found - words.begin());
    return true;
  }
  std::string list;
  for (const std::string_view word : words) {
    list += (list.empty() ? "" : ", ") + std::string(word);
  }
  const std::string suggestion = DidYouMean(value.text, words);
  reporter.Invalid(value.location, "unknown-value",
                   "'" + std::string(key) + "' cannot be " + Quote(value.text) +
                       (suggestion.empty() ? "." : suggestion) + " Allowed: " + list);
  return false;
}

}  // namespace auditflow::sigma
