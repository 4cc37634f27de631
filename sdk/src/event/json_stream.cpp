#include "auditflow/event/json_stream.hpp"

#include <string>
#include <utility>

#include "src/event/document_scanner.hpp"
#include "src/event/json_space.hpp"
#include "src/event/stream_buffer.hpp"

namespace auditflow::event {
namespace {

constexpr std::size_t kHintBytes = 256;

std::size_t SkipSpace(std::string_view text, std::size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

std::size_t TrimmedSize(std::string_view text) {
  std::size_t size = text.size();
  while (size > 0 && IsSpace(text[size - 1])) --size;
  return size;
}

std::string Quote(std::string_view text, std::size_t at) {
  if (at >= text.size()) return "the end of the stream";
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte == '\n' || byte == '\r') return "the end of the line";
  if (byte > 0x20 && byte < 0x7f) return std::string("'") + text[at] + "'";
  constexpr std::string_view kDigits = "0123456789abcdef";
  return std::string("byte 0x") + kDigits[byte >> 4U] + kDigits[byte & 0xfU];
}

/// Whether a line that begins with `{` and ends with `}` may hold a second document. Braces inside
/// of strings can only raise a false alarm.
bool MayHoldMore(std::string_view line) {
  for (std::size_t at = line.find('}'); at + 1 < line.size(); at = line.find('}', at + 1)) {
    const char next = line[SkipSpace(line, at + 1)];
    if (next == '{' || next == '[') return true;
  }
  return false;
}

}  // namespace

class JsonStream::Impl {
 public:
  Impl(Source source, JsonStreamOptions options)
      : options_(options), buffer_(std::move(source), options) {}

  std::optional<StreamItem> Next();

 private:
  /// What may come next inside a top-level array.
  enum class Array : std::uint8_t { kNone, kFirst, kElement, kComma, kAnything };
  /// What is to be passed over before the next item.
  enum class Skip : std::uint8_t { kNothing, kRestOfLine, kToColumn, kDocument };

  void ReadMark();
  bool PassOver();
  bool PassRestOfLine();
  bool PassToColumn();
  bool PassDocument();
  bool PassSpace();
  std::optional<StreamItem> ReadPunctuation(char c);
  std::optional<StreamItem> ReadLine();
  std::optional<std::size_t> FindLineEnd();
  StreamItem ReadDocument();
  StreamItem Document(std::size_t size);
  StreamItem TooLong();
  StreamItem Broken(std::size_t at);
  void ResumeBehind(std::size_t at);
  StreamItem Fault(Status status);
  StreamItem FaultAt(std::size_t at, const std::string& expected);
  std::optional<StreamItem> AtEnd();

  JsonStreamOptions options_;
  StreamBuffer buffer_;
  DocumentScanner scanner_;
  Array array_ = Array::kNone;
  Skip skip_ = Skip::kNothing;
  std::uint64_t resume_column_ = 0;
  std::optional<std::uint64_t> line_feed_;  // offset in the stream, as the next
  std::uint64_t no_feed_before_ = 0;
  std::uint64_t index_ = 0;
  std::uint64_t scanned_ = 0;
  bool started_ = false;
  bool ended_ = false;
};

std::optional<StreamItem> JsonStream::Impl::Next() {
  if (ended_) return std::nullopt;
  if (!started_) ReadMark();
  while (PassOver() && PassSpace()) {
    const char c = buffer_.view().front();
    if (array_ != Array::kNone || c == '[') {
      const Array before = array_;
      if (std::optional<StreamItem> fault = ReadPunctuation(c)) return fault;
      const bool element = before != Array::kNone && c != ',' && c != ']';
      if (!element) continue;
      array_ = Array::kComma;
      return ReadDocument();
    }
    if (c != '{') return Broken(0);
    if (std::optional<StreamItem> line = ReadLine()) return line;
    return ReadDocument();
  }
  return AtEnd();
}

void JsonStream::Impl::ReadMark() {
  started_ = true;
  while (buffer_.size() < 3 && buffer_.Fill()) {
  }
  if (buffer_.view().substr(0, 3) == "\xef\xbb\xbf") buffer_.Consume(3);
}

std::optional<StreamItem> JsonStream::Impl::AtEnd() {
  ended_ = true;
  if (!buffer_.error().ok()) return Fault(buffer_.error());
  if (array_ != Array::kNone) return FaultAt(buffer_.size(), "',' or ']'");
  return std::nullopt;
}

bool JsonStream::Impl::PassOver() {
  const Skip skip = std::exchange(skip_, Skip::kNothing);
  switch (skip) {
    case Skip::kRestOfLine:
      return PassRestOfLine();
    case Skip::kToColumn:
      return PassToColumn();
    case Skip::kDocument:
      return PassDocument();
    default:
      return true;
  }
}

bool JsonStream::Impl::PassRestOfLine() {
  for (;;) {
    const std::size_t end = buffer_.view().find('\n');
    if (end != std::string_view::npos) {
      buffer_.ConsumeLine(end + 1);
      return true;
    }
    buffer_.Consume(buffer_.size());
    if (!buffer_.Fill()) return false;
  }
}

bool JsonStream::Impl::PassToColumn() {
  while (PassSpace()) {
    const char c = buffer_.view().front();
    if ((c == '{' || c == '[') && buffer_.column() <= resume_column_) return true;
    const bool ends_array = c == ']' && array_ != Array::kNone;
    if (ends_array && buffer_.column() < resume_column_) return true;
    if (!PassRestOfLine()) return false;
  }
  return false;
}

bool JsonStream::Impl::PassDocument() {
  for (;;) {
    std::size_t at = 0;
    const DocumentScanner::Outcome outcome = scanner_.Run(buffer_.view(), at);
    buffer_.Consume(at);
    if (outcome == DocumentScanner::Outcome::kComplete) return true;
    if (outcome == DocumentScanner::Outcome::kBroken) {
      const char c = buffer_.view().front();
      return c == '{' || c == '[' || PassRestOfLine();
    }
    if (!buffer_.Fill()) return false;
  }
}

bool JsonStream::Impl::PassSpace() {
  for (;;) {
    buffer_.Consume(SkipSpace(buffer_.view(), 0));
    if (buffer_.size() != 0) return true;
    if (!buffer_.Fill()) return false;
  }
}

/// Brackets and commas of a top-level array; passes over the one at hand.
std::optional<StreamItem> JsonStream::Impl::ReadPunctuation(char c) {
  const Array before = array_;
  if (before == Array::kNone) {
    array_ = Array::kFirst;
    buffer_.Consume(1);
    return std::nullopt;
  }
  if (c == ']') {
    array_ = Array::kNone;
    std::optional<StreamItem> fault;
    if (before == Array::kElement) fault = FaultAt(0, "a value");
    buffer_.Consume(1);
    return fault;
  }
  if (c == ',') {
    array_ = Array::kElement;
    std::optional<StreamItem> fault;
    if (before == Array::kFirst || before == Array::kElement) fault = FaultAt(0, "a value");
    buffer_.Consume(1);
    return fault;
  }
  if (before != Array::kComma) return std::nullopt;
  array_ = Array::kAnything;
  return FaultAt(0, "',' or ']'");
}

/// Within what is read already: a line that is not, is scanned, so that nothing waits for more
/// bytes than the document has. What was found or not found is kept: documents may share a line.
std::optional<std::size_t> JsonStream::Impl::FindLineEnd() {
  const std::uint64_t offset = buffer_.offset();
  if (line_feed_ && *line_feed_ >= offset) return *line_feed_ - offset;
  const std::string_view view = buffer_.view();
  const std::size_t from = no_feed_before_ > offset ? no_feed_before_ - offset : 0;
  const std::size_t end = view.find('\n', from);
  if (end == std::string_view::npos) {
    no_feed_before_ = offset + view.size();
    return std::nullopt;
  }
  line_feed_ = offset + end;
  return end;
}

/// The line as a document if the places of its braces and the next line's start say that it is one.
std::optional<StreamItem> JsonStream::Impl::ReadLine() {
  const std::optional<std::size_t> end = FindLineEnd();
  if (!end || *end > options_.max_document_bytes) return std::nullopt;
  const std::string_view view = buffer_.view();
  const std::size_t next = SkipSpace(view, *end);
  if (next == view.size() || view[next] != '{') return std::nullopt;
  const std::size_t size = TrimmedSize(view.substr(0, *end));
  if (view[size - 1] != '}' || MayHoldMore(view.substr(0, size))) return std::nullopt;
  StreamItem item{view.substr(0, size), buffer_.line(), buffer_.offset(), index_++, {}};
  buffer_.ConsumeLine(*end + 1);
  return item;
}

StreamItem JsonStream::Impl::ReadDocument() {
  // Reading on in a document whose neighbour turned out to be broken reads bytes again. This keeps
  // that linear: past the allowance only lines that are whole by themselves count.
  constexpr std::uint64_t kAllowance = std::uint64_t{1} << 20U;
  if (scanned_ > 8 * buffer_.offset() + kAllowance) {
    StreamItem item = Fault(InvalidArgument("a line that is no document, after many broken ones"));
    ResumeBehind(0);
    return item;
  }
  scanner_.Reset();
  std::size_t at = 0;
  for (;;) {
    const std::size_t before = at;
    const std::string_view view = buffer_.view().substr(0, options_.max_document_bytes + 1);
    const DocumentScanner::Outcome outcome = scanner_.Run(view, at);
    scanned_ += at - before;
    if (outcome == DocumentScanner::Outcome::kBroken) return Broken(at);
    if (outcome == DocumentScanner::Outcome::kComplete && at <= options_.max_document_bytes) {
      return Document(at);
    }
    if (at > options_.max_document_bytes) {
      if (outcome == DocumentScanner::Outcome::kNeedsMore) skip_ = Skip::kDocument;
      StreamItem item = TooLong();
      buffer_.Consume(at);
      return item;
    }
    if (!buffer_.Fill()) {
      return scanner_.CompleteAtEnd() ? Document(buffer_.size()) : Broken(buffer_.size());
    }
  }
}

StreamItem JsonStream::Impl::Document(std::size_t size) {
  StreamItem item{buffer_.view().substr(0, size), buffer_.line(), buffer_.offset(), index_++, {}};
  buffer_.Consume(size);
  return item;
}

StreamItem JsonStream::Impl::TooLong() {
  return Fault(Status(StatusCode::kResourceExhausted,
                      "a document longer than the limit of " +
                          std::to_string(options_.max_document_bytes) + " bytes",
                      Retry::kNo));
}

StreamItem JsonStream::Impl::Fault(Status status) {
  const std::string_view view = buffer_.view();
  const std::string_view line = view.substr(0, view.find('\n'));
  return {line.substr(0, kHintBytes), buffer_.line(), buffer_.offset(), index_++,
          std::move(status)};
}

StreamItem JsonStream::Impl::FaultAt(std::size_t at, const std::string& expected) {
  const std::string_view view = buffer_.view();
  const std::string_view passed = view.substr(0, at);
  std::uint64_t line = buffer_.line();
  std::uint64_t column = buffer_.column() + at;
  for (std::size_t feed = passed.find('\n'); feed != std::string_view::npos;
       feed = passed.find('\n', feed + 1)) {
    ++line;
    column = at - feed - 1;
  }
  return Fault(InvalidArgument("line " + std::to_string(line) + ", column " +
                               std::to_string(column + 1) + ": " + Quote(view, at) + " where " +
                               expected + " is expected"));
}

StreamItem JsonStream::Impl::Broken(std::size_t at) {
  if (array_ != Array::kNone) array_ = Array::kAnything;
  StreamItem item = FaultAt(at, at == 0 ? "an object" : scanner_.expected());
  ResumeBehind(at);
  return item;
}

void JsonStream::Impl::ResumeBehind(std::size_t at) {
  const std::string_view view = buffer_.view();
  const std::size_t first_end = view.find('\n');
  if (first_end >= at) {  // also where there is no line feed at all
    skip_ = Skip::kRestOfLine;
    return;
  }
  resume_column_ = buffer_.column();
  skip_ = Skip::kToColumn;
  buffer_.ConsumeLine(first_end + 1);
}

JsonStream::JsonStream(Source source, JsonStreamOptions options)
    : impl_(std::make_unique<Impl>(std::move(source), options)) {}
JsonStream::~JsonStream() = default;
JsonStream::JsonStream(JsonStream&&) noexcept = default;
JsonStream& JsonStream::operator=(JsonStream&&) noexcept = default;

std::optional<StreamItem> JsonStream::Next() { return impl_->Next(); }

}  // namespace auditflow::event
