#include "src/event/layout_tree.hpp"

#include <atomic>

namespace auditflow::event {
namespace {

std::uint64_t NextId() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

bool LayoutTree::IsWorthAsking() {
  if (skip_ > 0) {
    --skip_;
    return false;
  }
  if (++asked_ == kTrial) {
    if (learned_ > kTrial - kTrial / 8) skip_ = kPause;
    asked_ = learned_ = 0;
  }
  return true;
}

bool LayoutTree::Learn(const Tape& tape) {
  ++learned_;
  std::size_t keys = 0;
  std::size_t text = 0;
  const bool is_small =
      ForEachToken(tape, [&](TokenKind kind, std::string_view key, std::uint32_t) {
        keys += kind == TokenKind::kEnd ? 0U : 1U;
        text += key.size();
        return keys <= kMostKeys && text <= kMostText;
      });
  if (!is_small || keys == 0) return false;
  // A key and an end for each.
  if (nodes_.size() + 2 * keys + 1 > kMostNodes) {
    nodes_.assign(1, Node());
    text_.clear();
  }
  std::uint32_t node = kRoot;
  const bool has_room =
      ForEachToken(tape, [&](TokenKind kind, std::string_view key, std::uint32_t) {
        const std::uint32_t next = Next(node, kind, key);
        node = next == kUnknown ? Add(node, kind, key) : next;
        return node != kUnknown;
      });
  if (!has_room) return false;
  nodes_[node].layout = NextId();
  return true;
}

/// What was asked for becomes the first child: the next document is likely to ask for it again.
std::uint32_t LayoutTree::NextBesideFirst(std::uint32_t node, TokenKind kind,
                                          std::string_view key) {
  std::uint32_t before = nodes_[node].child;
  if (before == kUnknown) return kUnknown;
  for (;;) {
    const std::uint32_t child = nodes_[before].sibling;
    if (child == kUnknown) return kUnknown;
    if (Is(nodes_[child], kind, key)) {
      nodes_[before].sibling = nodes_[child].sibling;
      nodes_[child].sibling = nodes_[node].child;
      nodes_[node].child = child;
      return child;
    }
    before = child;
  }
}

std::uint32_t LayoutTree::Add(std::uint32_t parent, TokenKind kind, std::string_view key) {
  std::size_t children = 0;
  std::uint32_t* link = &nodes_[parent].child;
  for (; *link != kUnknown; link = &nodes_[*link].sibling) ++children;
  if (children == kMostChildren) return kUnknown;
  const auto added = static_cast<std::uint32_t>(nodes_.size());
  *link = added;
  Node node;
  node.kind = kind;
  node.text = static_cast<std::uint32_t>(text_.size());
  node.size = static_cast<std::uint32_t>(key.size());
  text_ += key;
  nodes_.push_back(node);
  return added;
}

}  // namespace auditflow::event
