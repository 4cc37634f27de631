#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "auditflow/event/value.hpp"

namespace auditflow::match {

/// Strings as values of an event, which they are no part of.
///
/// Thread safety: immutable between calls of `Clear` and `Add`.
class StringValues {
 public:
  StringValues() = default;
  StringValues(const StringValues&) = delete;
  StringValues& operator=(const StringValues&) = delete;

  /// Keeps the memory for the strings to come.
  void Clear() {
    words_.clear();
    bytes_.clear();
  }

  /// @return the string as a value that is valid until `Clear`, also after further strings.
  event::Value Add(std::string_view text) {
    const auto length = static_cast<std::uint32_t>(text.size());
    const std::size_t offset = bytes_.size();
    words_.push_back(std::uint64_t{'"'} << 56U | offset);
    bytes_.resize(offset + sizeof length + text.size());
    std::memcpy(bytes_.data() + offset, &length, sizeof length);
    if (!text.empty())
      std::memcpy(bytes_.data() + offset + sizeof length, text.data(), text.size());
    tape_ = {words_.data(), bytes_.data()};
    return {&tape_, static_cast<std::uint32_t>(words_.size() - 1)};
  }

 private:
  std::vector<std::uint64_t> words_;
  std::vector<std::uint8_t> bytes_;
  event::Tape tape_;
};

}  // namespace auditflow::match
