#include "src/event/stream_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "auditflow/event/event.hpp"

namespace auditflow::event {

StreamBuffer::StreamBuffer(JsonStream::Source source, JsonStreamOptions options)
    : source_(std::move(source)), options_(options) {
  options_.chunk_bytes = std::max<std::size_t>(options_.chunk_bytes, 1);
}

void StreamBuffer::MakeRoom() {
  const std::size_t used = size();
  if (capacity_ - end_ >= options_.chunk_bytes) return;
  if (used + options_.chunk_bytes <= capacity_) {
    std::memmove(data_.get(), data_.get() + begin_, used);
  } else {
    // Doubling keeps copying linear; the documents' limit keeps doubling within reason.
    const std::size_t enough = used + options_.chunk_bytes;
    const std::size_t most = std::max(enough, options_.max_document_bytes + options_.chunk_bytes);
    const std::size_t capacity = std::min(std::max(enough, 2 * capacity_), most);
    std::unique_ptr<char[]> grown(new char[capacity + EventParser::kPadding]);
    std::memset(grown.get() + capacity, 0, EventParser::kPadding);
    if (used != 0) std::memcpy(grown.get(), data_.get() + begin_, used);
    data_ = std::move(grown);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = used;
}

bool StreamBuffer::Fill() {
  if (at_end_) return false;
  MakeRoom();
  const std::size_t room = std::min(options_.chunk_bytes, capacity_ - end_);
  const Result<std::size_t> read = source_(data_.get() + end_, room);
  if (!read) error_ = read.error();
  const std::size_t count = read ? std::min(*read, room) : 0;
  at_end_ = count == 0;
  end_ += count;
  return !at_end_;
}

void StreamBuffer::Consume(std::size_t count) {
  const std::string_view passed = view().substr(0, count);
  column_ += passed.size();
  for (std::size_t at = passed.find('\n'); at != std::string_view::npos;
       at = passed.find('\n', at + 1)) {
    ++line_;
    column_ = passed.size() - at - 1;
  }
  offset_ += passed.size();
  begin_ += passed.size();
}

void StreamBuffer::ConsumeLine(std::size_t count) {
  ++line_;
  column_ = 0;
  offset_ += count;
  begin_ += count;
}

}  // namespace auditflow::event
