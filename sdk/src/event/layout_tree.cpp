#include "src/event/layout_tree.hpp"

#include <algorithm>
#include <atomic>

namespace auditflow::event {
namespace {

std::uint64_t NextId() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// Whether JSON has the key as it is.
bool IsPlain(std::string_view key) {
  return std::none_of(key.begin(), key.end(), [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  });
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

bool LayoutTree::Follow(const Tape& tape, Followed& followed) {
  // Locals, or the compiler reads them again for every key.
  const std::uint64_t* const words = tape.words;
  const std::uint8_t* const strings = tape.strings;
  const Node* const nodes = nodes_.data();
  std::uint32_t* member = followed.members.data();
  const std::uint32_t end = ClosingIndex(words[kRootIndex]);
  std::uint32_t node = kRoot;
  std::uint32_t depth = 1;
  std::uint64_t last_string = 0;
  followed.deepest = 1;
  followed.arrays.clear();
  const auto follow = [&](const Token& token) {
    const std::uint32_t child = nodes[node].child;
    node = Is(nodes[child], token) ? child : NextBesideFirst(node, token);
    return node != kUnknown;
  };
  for (std::uint32_t at = kRootIndex + 1;; ++at) {
    const std::uint64_t word = words[at];
    if (word >> 56U != '"') {
      if (!follow(Token::OfEnd())) return false;
      if (at == end) break;
      --depth;
      continue;
    }
    const std::uint64_t value = words[++at];
    const std::uint64_t type = value >> 56U;
    const std::string_view key = KeyAt(strings, static_cast<std::uint32_t>(word));
    if (!follow(Token::OfKey(key, type == '{'))) return false;
    *member++ = at;
    last_string = word;
    if (type == '"') {
      last_string = value;
    } else if (type == '{') {
      followed.deepest = std::max(followed.deepest, ++depth);
    } else if (type == '[') {
      followed.arrays.push_back({at, depth + 1});
      at = ClosingIndex(value);
    } else if (kSteps[type] == kTwoWords) {
      ++at;
    }
  }
  followed.count = static_cast<std::size_t>(member - followed.members.data());
  followed.strings_size = StringEnd(strings, last_string);
  followed.layout = nodes[node].head;
  return followed.layout != 0;
}

bool LayoutTree::Learn(const Tape& tape) {
  ++learned_;
  std::size_t keys = 0;
  std::size_t text = 0;
  const bool is_small = ForEachToken(tape, [&](TokenKind kind, std::string_view key) {
    keys += kind == TokenKind::kEnd ? 0U : 1U;
    text += key.size();
    return keys <= kMostKeys && text <= kMostText && IsPlain(key);
  });
  if (!is_small || keys == 0) return false;
  // A key and an end for each.
  if (nodes_.size() + 2 * keys + 1 > kMostNodes || text_size() + text > kMostTextOfAll) {
    Clear();
  }
  std::uint32_t node = kRoot;
  ForEachToken(tape, [&](TokenKind kind, std::string_view key) {
    const Token token =
        kind == TokenKind::kEnd ? Token::OfEnd() : Token::OfKey(key, kind == TokenKind::kObject);
    const std::uint32_t next = Next(node, token);
    node = next == kUnknown ? Add(node, token) : next;
    return true;
  });
  nodes_[node].head = NextId();
  return true;
}

void LayoutTree::Clear() {
  nodes_.assign(1, Node());
  nodes_[kRoot].what = ~std::uint32_t{0};  // of no token: the child of a node that has none
  text_.assign(kSlack, '\0');
}

/// What was asked for becomes the first child: the next document is likely to ask for it again.
std::uint32_t LayoutTree::NextBesideFirst(std::uint32_t node, const Token& token) {
  std::uint32_t before = nodes_[node].child;
  if (before == kUnknown) return kUnknown;
  for (;;) {
    const std::uint32_t child = nodes_[before].sibling;
    if (child == kUnknown) return kUnknown;
    if (Is(nodes_[child], token)) {
      nodes_[before].sibling = nodes_[child].sibling;
      nodes_[child].sibling = nodes_[node].child;
      nodes_[node].child = child;
      return child;
    }
    before = child;
  }
}

/// As the first child, too: so the last is the one not seen for longest, and whoever sends many
/// different keys does not keep others from being known.
std::uint32_t LayoutTree::Add(std::uint32_t parent, const Token& token) {
  std::size_t children = 1;
  for (std::uint32_t* link = &nodes_[parent].child; *link != kUnknown;
       link = &nodes_[*link].sibling) {
    if (children++ < kMostChildren) continue;
    *link = kUnknown;  // what it held is freed with all the rest
    break;
  }
  const auto added = static_cast<std::uint32_t>(nodes_.size());
  Node node;
  node.what = token.what;
  node.head = token.head;
  if (token.key.size() > 8) node.tail = TailOf(token.key);
  node.text = static_cast<std::uint32_t>(text_size());
  node.sibling = nodes_[parent].child;
  text_.insert(text_size(), token.key);
  nodes_.push_back(node);
  nodes_[parent].child = added;
  return added;
}

}  // namespace auditflow::event
