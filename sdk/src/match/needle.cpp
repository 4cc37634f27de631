#include "src/match/needle.hpp"

#include <utility>

namespace auditflow::match {

NeedleText::NeedleText(std::string text) : text_(std::move(text)) {
  const char* const begin = text_.data();
  const char* const end = begin + text_.size();
  if (text_.size() >= 8) {
    head_ = LoadWord<std::uint64_t>(begin);
    tail_ = LoadWord<std::uint64_t>(end - 8);
  } else if (text_.size() >= 4) {
    head_ = LoadWord<std::uint32_t>(begin);
    tail_ = LoadWord<std::uint32_t>(end - 4);
  }
}

}  // namespace auditflow::match
