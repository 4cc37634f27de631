#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

#include "auditflow/event/event.hpp"
#include "auditflow/event/value.hpp"

#include "src/match/case_fold.hpp"

namespace auditflow::match {

/// One scalar of an event and the forms of it that tests ask for, each made at most once however
/// many engines look at it.
///
/// Thread safety: thread-compatible.
class ScalarView {
 public:
  void Reset(event::Value value, const event::Event& event) {
    value_ = value;
    event_ = &event;
    has_text_ = has_folded_ = false;
  }

  [[nodiscard]] event::Value value() const { return value_; }

  /// Strings as they are, numbers as written, true/false. Requires a scalar that is not null.
  std::string_view Text() {
    if (!has_text_) {
      text_ = MakeText();
      has_text_ = true;
    }
    return text_;
  }
  /// The text after case folding.
  std::string_view Folded() {
    if (!has_folded_) {
      folded_size_ = FoldInto(Text(), folded_);
      has_folded_ = true;
    }
    return {folded_.data(), folded_size_};
  }

 private:
  std::string_view MakeText() {
    switch (value_.tag()) {
      case '"':
        return value_.string_value();
      case 't':
        return "true";
      case 'f':
        return "false";
      case 'l':
        // Integers have one spelling, but for -0.
        if (value_.int64_value() != 0) return Spell(value_.int64_value());
        return event_->NumberText(value_);
      case 'u':
        return Spell(value_.uint64_value());
      default:
        return event_->NumberText(value_);
    }
  }

  template <class Integer>
  std::string_view Spell(Integer value) {
    const auto end = std::to_chars(digits_.data(), digits_.data() + digits_.size(), value).ptr;
    return {digits_.data(), static_cast<std::size_t>(end - digits_.data())};
  }

  event::Value value_{nullptr, 0};
  const event::Event* event_ = nullptr;
  bool has_text_ = false;
  bool has_folded_ = false;
  std::string_view text_;
  std::string folded_;  ///< and what is left of longer ones
  std::size_t folded_size_ = 0;
  std::array<char, 24> digits_{};
};

}  // namespace auditflow::match
