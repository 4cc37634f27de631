#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "auditflow/event/event.hpp"

namespace auditflow::event {

/// The bytes of one document with the slack that is read over.
///
/// Memory grows to the next power of two and is never given back before destruction.
class PaddedBytes {
 public:
  /// Copies `bytes`, which may lie inside this buffer.
  void Assign(std::string_view bytes);
  [[nodiscard]] std::string_view view() const { return {data_.get(), size_}; }
  [[nodiscard]] const char* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Where each number of a document stands, in the order of the tape.
struct NumberPlaces {
  struct Place {
    std::uint32_t tape_index;
    std::uint32_t begin;
    std::uint32_t size;
  };
  std::vector<Place> places;
  bool known = false;
};

struct Event::Document {
  simdjson::dom::document parsed;
  std::unique_ptr<std::uint64_t[]> copied;  ///< tape and strings of a document parsed elsewhere
  std::size_t copied_words = 0;
  PaddedBytes bytes;      ///< unless they belong to somebody else
  std::string_view text;  ///< what was parsed
  Tape tape;
  std::uint64_t layout = 0;
  std::vector<std::uint32_t> members;  ///< see Event::members
  std::size_t strings_size = 0;        ///< how much of the tape's string buffer is in use
  mutable NumberPlaces numbers;

  /// Room for so many words in `copied`, whose content is lost.
  void ReserveCopy(std::size_t words);
};

/// Walks text and tape of a valid document side by side.
void LocateNumbers(std::string_view json, NumberPlaces& numbers);

}  // namespace auditflow::event
