#pragma once

#include <cstddef>
#include <cstdint>
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
/// Layouts that begin alike share the beginning: a node of the tree is a token, its children are
/// what was seen to follow it.
///
/// Bounded: layouts of at most 128 keys and 4 KiB of them, 64 children of a node; beyond 32,768
/// nodes (1 MiB) all are forgotten. Thread safety: thread-compatible.
class LayoutTree {
 public:
  static constexpr std::uint32_t kRoot = 0;
  static constexpr std::uint32_t kUnknown = 0;  ///< the root is nobody's child
  static constexpr std::size_t kMostKeys = 128;

  LayoutTree() : nodes_(1) {}

  /// False for a while when nearly every document had a new layout: then following costs more than
  /// it saves. Asked once for each document.
  [[nodiscard]] bool IsWorthAsking();

  /// The node that a token leads to from `node`; kUnknown if it was not seen there.
  [[nodiscard]] std::uint32_t Next(std::uint32_t node, TokenKind kind, std::string_view key) {
    const std::uint32_t child = nodes_[node].child;
    if (Is(nodes_[child], kind, key) && child != kUnknown) return child;
    return NextBesideFirst(node, kind, key);
  }
  /// The id of the layout that ends with the node: of no other layout in this process. 0: none
  /// does.
  [[nodiscard]] std::uint64_t LayoutAt(std::uint32_t node) const { return nodes_[node].layout; }

  /// Remembers the layout of a document that does not follow a known one and in which no key occurs
  /// twice. @return whether it is known from now on.
  bool Learn(const Tape& tape);

 private:
  static constexpr std::size_t kMostText = 4096;
  static constexpr std::size_t kMostNodes = 32'768;
  static constexpr std::size_t kMostChildren = 64;
  static constexpr std::uint32_t kTrial = 256;
  static constexpr std::uint32_t kPause = 4096;

  struct Node {
    std::uint64_t layout = 0;
    std::uint32_t text = 0;  ///< where the key stands in text_
    std::uint32_t size = 0;
    std::uint32_t child = kUnknown;
    std::uint32_t sibling = kUnknown;
    TokenKind kind = TokenKind::kEnd;
  };

  [[nodiscard]] bool Is(const Node& node, TokenKind kind, std::string_view key) const {
    return node.kind == kind && node.size == key.size() &&
           EqualBytes(text_.data() + node.text, key.data(), key.size());
  }
  std::uint32_t NextBesideFirst(std::uint32_t node, TokenKind kind, std::string_view key);
  std::uint32_t Add(std::uint32_t parent, TokenKind kind, std::string_view key);

  std::vector<Node> nodes_;
  std::string text_;
  std::uint32_t asked_ = 0;
  std::uint32_t learned_ = 0;
  std::uint32_t skip_ = 0;  ///< how many documents to pass over
};

}  // namespace auditflow::event
