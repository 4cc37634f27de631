#pragma once

#include <cstddef>

#include "auditflow/sigma/node.hpp"

namespace auditflow::sigma {

/// What a copy of a node costs.
struct TreeSize {
  std::size_t nodes = 0;
  std::size_t bytes = 0;  ///< of text and keys

  TreeSize& operator+=(const TreeSize& other) {
    nodes += other.nodes;
    bytes += other.bytes;
    return *this;
  }
};

inline TreeSize SizeOf(const Node& node) {
  TreeSize size{1, node.text.size()};
  for (const Node& item : node.items) size += SizeOf(item);
  for (const Node::Member& member : node.members) {
    size += SizeOf(member.value);
    size.bytes += member.key.size();
  }
  return size;
}

}  // namespace auditflow::sigma
