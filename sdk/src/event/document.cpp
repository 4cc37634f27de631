#include "src/event/document.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace auditflow::event {
namespace {

/// The index of the quote that ends the string whose first character is at `at`.
std::size_t EndOfString(std::string_view json, std::size_t at) {
  while (json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  return at;
}

bool IsPartOfNumber(char c) {
  return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
}

std::size_t EndOfNumber(std::string_view json, std::size_t at) {
  while (at < json.size() && IsPartOfNumber(json[at])) ++at;
  return at;
}

}  // namespace

void PaddedBytes::Assign(std::string_view bytes) {
  constexpr std::size_t kSmallest = 4096;
  if (bytes.size() > capacity_ || !data_) {
    const std::size_t capacity = std::max(kSmallest, std::bit_ceil(bytes.size()));
    std::unique_ptr<char[]> grown(new char[capacity + EventParser::kPadding]);
    if (!bytes.empty()) std::memcpy(grown.get(), bytes.data(), bytes.size());
    data_ = std::move(grown);
    capacity_ = capacity;
  } else if (!bytes.empty()) {
    std::memmove(data_.get(), bytes.data(), bytes.size());
  }
  size_ = bytes.size();
  std::memset(data_.get() + size_, 0, EventParser::kPadding);
}

void LocateNumbers(std::string_view json, NumberPlaces& numbers) {
  numbers.places.clear();
  numbers.known = true;
  std::uint32_t word = 1;  // the tape begins with a word for the document itself
  for (std::size_t at = 0; at < json.size(); ++at) {
    switch (json[at]) {
      case '"':
        at = EndOfString(json, at + 1);
        ++word;
        break;
      case '{':
      case '}':
      case '[':
      case ']':
      case 't':
      case 'f':
      case 'n':
        ++word;
        break;
      case '-':
      case '0':
      case '1':
      case '2':
      case '3':
      case '4':
      case '5':
      case '6':
      case '7':
      case '8':
      case '9': {
        const std::size_t end = EndOfNumber(json, at);
        numbers.places.push_back(
            {word, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end - at)});
        word += 2;
        at = end - 1;
        break;
      }
      default:
        break;
    }
  }
}

}  // namespace auditflow::event
