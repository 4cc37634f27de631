#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/event/value.hpp"

#include "src/core/bytes.hpp"
#include "src/event/tape_words.hpp"

namespace auditflow::event {

/// Remembers which keys recent documents had, in which order and in which objects: their *layouts*.
/// Events of one source have the same: following a known layout takes less time than looking for
/// duplicates among the keys, and what the keys mean has to be found out only once.
///
/// Layouts that begin alike share the beginning: a node of the tree is a key, or the end of an
/// object, and its children are what was seen to follow it.
///
/// Bounded: layouts of at most 128 keys and 4 KiB of them; of 64 children of a node a further one
/// takes the place of the one not seen for longest; beyond 32,768 nodes (1 MiB) or 1 MiB of keys
/// all are forgotten. Thread safety: thread-compatible.
class LayoutTree {
 public:
  static constexpr std::size_t kMostKeys = 128;
  static constexpr std::size_t kMostText = 4096;  ///< of the keys of one layout, in bytes
  static constexpr std::size_t kMostNodes = 32'768;
  static constexpr std::size_t kMostTextOfAll = std::size_t{1} << 20U;
  static constexpr std::size_t kMostChildren = 64;

  /// What following a document has told.
  struct Followed {
    std::uint64_t layout = 0;                      ///< of no other layout in this process
    std::array<std::uint32_t, kMostKeys> members;  ///< see Event::members
    std::size_t count = 0;                         ///< of members
    std::size_t strings_size = 0;  ///< of the string buffer; strings in arrays may be behind it
    std::uint32_t deepest = 0;     ///< how many objects are within each other
    struct Array {
      std::uint32_t index = 0;
      std::uint32_t depth = 0;  ///< of the array itself; the root's is 1
    };
    std::vector<Array> arrays;
  };

  LayoutTree() { Clear(); }

  /// False for a while when nearly every document had a new layout: then following costs more than
  /// it saves. Asked once for each document.
  [[nodiscard]] bool IsWorthAsking();

  /// Whether the document, a valid tape of an object, has a known layout.
  bool Follow(const Tape& tape, Followed& followed);

  /// Remembers the layout of a document that does not follow a known one and in which no key occurs
  /// twice; not one with a key in which something has to be escaped, so that the text of any key is
  /// what stands between its quotes. @return whether it is known from now on.
  bool Learn(const Tape& tape);

  [[nodiscard]] std::size_t node_count() const { return nodes_.size(); }
  [[nodiscard]] std::size_t text_size() const { return text_.size() - kSlack; }

 private:
  friend class LayoutReader;

  static constexpr std::uint32_t kRoot = 0;
  static constexpr std::uint32_t kUnknown = 0;  ///< the root is nobody's child
  static constexpr std::uint32_t kTrial = 256;
  static constexpr std::uint32_t kPause = 4096;
  // What a node is stands beside the length of its key, which is at most kMostText.
  static constexpr std::uint32_t kObject = std::uint32_t{1} << 30U;  ///< a key with an object
  static constexpr std::uint32_t kEnd = std::uint32_t{1} << 31U;     ///< of an object
  static constexpr std::uint32_t kSize = kObject - 1;                ///< of the key
  static constexpr std::size_t kSlack = 32;  ///< bytes that can be read behind the last key

  struct Node {
    std::uint64_t head = 0;  ///< the first eight bytes of the key; of the last end, the layout
    std::uint64_t tail = 0;  ///< the last eight, of a key that has more
    std::uint32_t what = 0;
    std::uint32_t text = 0;  ///< where the key stands in text_
    std::uint32_t child = kUnknown;
    std::uint32_t sibling = kUnknown;
  };
  /// A key of a document, or an end.
  struct Token {
    std::uint32_t what = 0;
    std::uint64_t head = 0;
    std::string_view key;

    static Token OfKey(std::string_view key, bool has_object) {
      return {static_cast<std::uint32_t>(key.size()) | (has_object ? kObject : 0U),
              LoadWord<std::uint64_t>(key.data()) & kEndMasks[std::min<std::size_t>(key.size(), 8)],
              key};
    }
    static Token OfEnd() { return {kEnd, 0, {}}; }
  };

  static std::uint64_t TailOf(std::string_view key) {
    return LoadWord<std::uint64_t>(key.data() + key.size() - 8);
  }
  [[nodiscard]] bool Is(const Node& node, const Token& token) const {
    if (node.what != token.what) return false;
    if ((token.what & kEnd) != 0) return true;
    const std::size_t size = token.key.size();
    return node.head == token.head &&
           (size <= 8 ||
            (node.tail == TailOf(token.key) &&
             (size <= 16 || std::memcmp(text_.data() + node.text, token.key.data(), size) == 0)));
  }
  /// The node that a token leads to from `node`; kUnknown if it was not seen there.
  std::uint32_t Next(std::uint32_t node, const Token& token) {
    const std::uint32_t child = nodes_[node].child;
    return Is(nodes_[child], token) ? child : NextBesideFirst(node, token);
  }
  std::uint32_t NextBesideFirst(std::uint32_t node, const Token& token);
  void Clear();
  std::uint32_t Add(std::uint32_t parent, const Token& token);

  std::vector<Node> nodes_;
  std::string text_;  ///< the keys, and kSlack zeros
  std::uint32_t asked_ = 0;
  std::uint32_t learned_ = 0;
  std::uint32_t skip_ = 0;  ///< how many documents to pass over
};

}  // namespace auditflow::event
