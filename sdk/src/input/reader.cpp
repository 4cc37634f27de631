#include "auditflow/input/reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "src/input/decoder.hpp"
#include "src/input/file_source.hpp"
#include "src/input/format.hpp"

namespace auditflow::input {
namespace {

Status NotSupported(std::string_view format) {
  return Unimplemented(std::string(format) +
                       " is not supported: decompress it, or use gzip, xz or zstd");
}

}  // namespace

std::string_view ToString(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return "gzip";
    case Compression::kXz:
      return "xz";
    case Compression::kZstd:
      return "zstd";
    case Compression::kNone:
      break;
  }
  return "none";
}

struct Reader::Impl {
  Impl(Source from, const ReaderOptions& reader_options)
      : source(std::move(from)),
        options(reader_options),
        buffer(std::max<std::size_t>(reader_options.chunk_bytes, 16)) {}

  [[nodiscard]] std::string_view pending() const { return {buffer.data() + begin, end - begin}; }

  /// Appends what the source gives next to what is pending.
  Status Fill() {
    if (begin == end) begin = end = 0;
    const Result<std::size_t> got = source(buffer.data() + end, buffer.size() - end);
    if (!got) return got.error();
    at_end = *got == 0;
    end += *got;
    taken += *got;
    return {};
  }

  Status Detect() {
    while (DetectFormat(pending(), at_end) == Format::kUndecided) {
      if (Status status = Fill(); !status.ok()) return status;
    }
    detected = true;
    return Use(DetectFormat(pending(), at_end));
  }

  Status Use(Format format) {
    switch (format) {
      case Format::kGzip:
        return Use(Compression::kGzip, NewGzipDecoder());
      case Format::kXz:
        return Use(Compression::kXz, NewXzDecoder(options.max_decoder_bytes));
      case Format::kZstd:
        return Use(Compression::kZstd, NewZstdDecoder(options.max_decoder_bytes));
      case Format::kBzip2:
        return NotSupported("bzip2");
      case Format::kZip:
        return NotSupported("zip");
      case Format::kSevenZip:
        return NotSupported("7z");
      case Format::kLz4:
        return NotSupported("lz4");
      case Format::kPlain:
      case Format::kUndecided:
        break;
    }
    return {};
  }

  Status Use(Compression found, std::unique_ptr<Decoder> with) {
    compression = found;
    decoder = std::move(with);
    return {};
  }

  Result<std::size_t> Read(char* out, std::size_t room) {
    if (!detected) {
      if (Status status = Detect(); !status.ok()) return Error(status);
    }
    return decoder ? ReadDecoded(out, room) : ReadPlain(out, room);
  }

  Result<std::size_t> ReadPlain(char* out, std::size_t room) {
    if (begin == end && !at_end) {
      if (Status status = Fill(); !status.ok()) return Error(status);
    }
    const std::size_t copied = std::min(room, end - begin);
    std::memcpy(out, buffer.data() + begin, copied);
    begin += copied;
    return copied;
  }

  Result<std::size_t> ReadDecoded(char* out, std::size_t room) {
    for (;;) {
      // A decoder may hold back output although it has taken all input; so it is asked before the
      // source is, which may block.
      if (begin != end || may_hold_output) {
        const Result<Decoder::Step> step = DecodeOnce(out, room);
        if (!step) return Error(step.error());
        if (step->produced != 0) return step->produced;
        if (step->consumed != 0) continue;
      }
      if (at_end) return AtEnd();
      if (Status status = Fill(); !status.ok()) return Error(status);
    }
  }

  Result<Decoder::Step> DecodeOnce(char* out, std::size_t room) {
    Result<Decoder::Step> step = decoder->Decode(pending(), out, room);
    if (!step) return step;
    begin += step->consumed;
    may_hold_output = step->produced == room && !decoder->AtBoundary();
    return step;
  }

  [[nodiscard]] Result<std::size_t> AtEnd() const {
    if (decoder->AtBoundary() && begin == end) return std::size_t{0};
    return Error(DataLoss(std::string(ToString(compression)) + ": the data end too early"));
  }

  Source source;
  ReaderOptions options;
  std::vector<char> buffer;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint64_t taken = 0;
  bool at_end = false;
  bool detected = false;
  bool may_hold_output = false;
  Compression compression = Compression::kNone;
  std::unique_ptr<Decoder> decoder;
  std::optional<std::uint64_t> size;
  Status failure;
};

Result<std::unique_ptr<Reader>> Reader::Open(const std::filesystem::path& path,
                                             const ReaderOptions& options) {
  Result<FileSource> file = OpenFile(path);
  if (!file) return Error(file.error());
  auto reader = std::make_unique<Reader>(std::move(file->read), options);
  reader->impl_->size = file->size;
  return reader;
}

Reader::Reader(Source source, const ReaderOptions& options)
    : impl_(std::make_unique<Impl>(std::move(source), options)) {}
Reader::~Reader() = default;

Result<std::size_t> Reader::Read(char* out, std::size_t room) {
  if (!impl_->failure.ok()) return Error(impl_->failure);
  Result<std::size_t> got = impl_->Read(out, room);
  if (!got) impl_->failure = got.error();
  return got;
}

Compression Reader::compression() const { return impl_->compression; }
std::uint64_t Reader::bytes_taken() const { return impl_->taken; }
std::optional<std::uint64_t> Reader::size() const { return impl_->size; }

}  // namespace auditflow::input
