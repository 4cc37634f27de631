#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "auditflow/core/result.hpp"

namespace auditflow::event {

struct JsonStreamOptions {
  std::size_t max_document_bytes = std::size_t{16} << 20U;
  std::size_t chunk_bytes = std::size_t{256} << 10U;  ///< asked from the source at a time
};

/// One top-level document of a stream, or what stands in the place of one.
struct StreamItem {
  /// Valid until the next call of `Next`, also for `EventParser::ParseInPlace`; a hint if `status`
  /// is not ok.
  std::string_view text;
  std::uint64_t line = 0;    ///< 1-based, where the text begins
  std::uint64_t offset = 0;  ///< of the text's first byte in the stream
  std::uint64_t index = 0;   ///< 0-based number of the item, faulty ones counted
  Status status;             ///< not ok: no document could be taken from this place
};

/// Cuts a stream of bytes into the documents that `EventParser` takes: JSON lines, concatenated or
/// pretty-printed JSON, and JSON arrays, whose elements become documents of their own (to any mix
/// of these). White space, CRLF, blank lines and one UTF-8 byte-order mark at the start are passed
/// over.
///
/// Framing only: a document has balanced brackets and commas and colons in their places, its
/// scalars and strings are left to the parser. A line that begins with `{`, ends with `}` and is
/// followed by a line that begins with `{` is a document without a look inside.
///
/// A fault never swallows the next line: the stream goes on at the first line behind that of the
/// faulty document's start which begins with `{` or `[` in that document's column or left of it. So
/// a truncated line costs one item, and a broken pretty-printed document costs one, too.
///
/// Memory: at most `max_document_bytes` and two chunks. A longer document is a kResourceExhausted
/// item and is passed over. Time is linear in the input, whatever it holds.
///
/// Waits for no byte more than it needs: a complete line is handed out though nothing follows yet.
///
/// Thread safety: thread-compatible.
class JsonStream {
 public:
  /// Puts up to `room` bytes at `out` and returns how many; 0 is the end. May return fewer whenever
  /// it likes, as read(2) does. An error ends the stream.
  using Source = std::function<Result<std::size_t>(char* out, std::size_t room)>;

  explicit JsonStream(Source source, JsonStreamOptions options = {});
  ~JsonStream();
  JsonStream(JsonStream&&) noexcept;
  JsonStream& operator=(JsonStream&&) noexcept;

  /// The next document or fault; nothing at the end.
  /// Faults: kInvalidArgument for what is no document, kResourceExhausted for one that is too long,
  /// and the source's own error, which is the last item.
  std::optional<StreamItem> Next();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::event
