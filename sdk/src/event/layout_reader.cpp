#include "src/event/layout_reader.hpp"

#if defined(__x86_64__)

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <simdjson.h>

#include "src/event/document_reading.hpp"

namespace auditflow::event {

/// Where among the layouts a document is.
class LayoutReader::Place {
 public:
  explicit Place(LayoutTree& layouts)
      : layouts_(layouts), nodes_(layouts.nodes_.data()), text_(layouts.text_.data()) {}

  /// Goes on by a key, read from behind its opening quote up to its value. @return whether it was
  /// seen here with an object, if it has one, and else without.
  AUDITFLOW_AVX2_INLINE bool ReadKey(DocumentReading& reading, bool& has_object) {
    std::uint32_t next = nodes_[node_].child;
    const std::uint32_t expected = nodes_[next].what;
    const char* const key = reading.at();
    std::ptrdiff_t size = expected & LayoutTree::kSize;
    bool as_expected =
        (expected & LayoutTree::kEnd) == 0 && reading.IsKey(text_ + nodes_[next].text, size);
    if (!as_expected && (size = reading.SizeOfPlainKey()) < 0) return false;
    reading.ReadPlainKey(static_cast<std::size_t>(size));
    if (!reading.Skip(':')) return false;
    has_object = reading.Peek() == '{';
    as_expected = as_expected && has_object == ((expected & LayoutTree::kObject) != 0);
    if (!as_expected) {
      const std::string_view text(key, static_cast<std::size_t>(size));
      next = layouts_.NextBesideFirst(node_, LayoutTree::Token::OfKey(text, has_object));
      if (next == LayoutTree::kUnknown) return false;
    }
    node_ = next;
    return true;
  }
  /// Goes on by the end of an object. @return whether it was seen here.
  AUDITFLOW_AVX2_INLINE bool End() {
    node_ = layouts_.Next(node_, LayoutTree::Token::OfEnd());
    return node_ != LayoutTree::kUnknown;
  }
  /// 0 if none ends here.
  [[nodiscard]] std::uint64_t layout() const { return nodes_[node_].head; }

 private:
  LayoutTree& layouts_;
  const LayoutTree::Node* nodes_;
  const char* text_;
  std::uint32_t node_ = LayoutTree::kRoot;
};

AUDITFLOW_AVX2 bool LayoutReader::Read(std::string_view json, LayoutTree& layouts, TapeSpace space,
                                       LayoutTree::Followed& followed) {
  struct Object {
    std::uint32_t open;
    std::uint32_t members;
  };
  if (json.empty()) return false;  // there may be no bytes behind what is nowhere
  std::array<Object, LayoutTree::kMostKeys + 2> objects;  // by depth; that of the root is 1
  std::uint32_t depth = 1;
  std::uint32_t* member = followed.members.data();
  Place place(layouts);
  DocumentReading reading(json, space);
  followed.deepest = 1;
  followed.arrays.clear();

  reading.SkipSpace();
  if (reading.left() <= 0 || reading.Peek() != '{') return false;
  objects[depth] = {reading.Open(), 0};
  for (;;) {
    // Behind an opening brace or a value.
    reading.SkipSpace();
    if (reading.left() <= 0) return false;
    if (reading.Peek() == '}') {
      if (!place.End()) return false;
      reading.Advance(1);
      reading.Close(objects[depth].open, '{', '}', objects[depth].members);
      if (--depth == 0) break;
      continue;
    }
    if (objects[depth].members++ > 0 && !reading.Skip(',')) return false;
    if (reading.Peek() != '"') return false;
    reading.Advance(1);
    bool has_object = false;
    if (!place.ReadKey(reading, has_object)) return false;
    *member++ = reading.index();
    if (has_object) {
      objects[++depth] = {reading.Open(), 0};
      followed.deepest = std::max(followed.deepest, depth);
    } else if (!reading.ReadNoObject(depth + 1, followed.arrays)) {
      return false;
    }
  }
  if (!reading.CloseRoot()) return false;
  followed.strings_size = reading.strings_size();
  followed.count = static_cast<std::size_t>(member - followed.members.data());
  followed.layout = place.layout();
  return followed.layout != 0 &&
         (reading.IsAscii() || simdjson::validate_utf8(json.data(), json.size()));
}

}  // namespace auditflow::event

#else

namespace auditflow::event {

bool LayoutReader::Read(std::string_view, LayoutTree&, TapeSpace, LayoutTree::Followed&) {
  return false;
}

}  // namespace auditflow::event

#endif