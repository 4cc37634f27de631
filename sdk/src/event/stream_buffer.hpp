#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "auditflow/event/json_stream.hpp"

namespace auditflow::event {

/// The bytes of a source that are read and not yet consumed, and where in the stream they stand.
/// Behind them, `EventParser::kPadding` more can be read.
class StreamBuffer {
 public:
  StreamBuffer(JsonStream::Source source, JsonStreamOptions options);

  [[nodiscard]] std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  /// Reads once from the source; may move what `view` gives.
  /// @return false at the end of the stream or after an error of the source.
  bool Fill();
  /// Passes over bytes of `view`; what they were stays readable until the next `Fill`.
  void Consume(std::size_t count);
  /// The same for bytes of which only the last is a line feed.
  void ConsumeLine(std::size_t count);

  [[nodiscard]] std::uint64_t line() const { return line_; }
  [[nodiscard]] std::uint64_t column() const { return column_; }  ///< 0-based, in bytes
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] const Status& error() const { return error_; }

 private:
  void MakeRoom();

  JsonStream::Source source_;
  JsonStreamOptions options_;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::uint64_t line_ = 1;
  std::uint64_t column_ = 0;
  std::uint64_t offset_ = 0;
  Status error_;
};

}  // namespace auditflow::event
