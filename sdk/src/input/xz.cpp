#include <string>

#include <lzma.h>

#include "src/input/decoder.hpp"

namespace auditflow::input {
namespace {

Status ToStatus(lzma_ret code) {
  switch (code) {
    case LZMA_MEM_ERROR:
      return ResourceExhausted("xz: out of memory");
    case LZMA_MEMLIMIT_ERROR:
      return ResourceExhausted("xz: decompressing takes more memory than is allowed");
    case LZMA_FORMAT_ERROR:
      return DataLoss("xz: bytes that are no xz data");
    case LZMA_OPTIONS_ERROR:
      return Unimplemented("xz: the data use an unknown filter or option");
    case LZMA_DATA_ERROR:
      return DataLoss("xz: broken data");
    default:
      return Internal("xz: error " + std::to_string(static_cast<int>(code)));
  }
}

/// One stream after the other, without liblzma's own concatenation: that would want to be told
/// where the input ends.
class XzDecoder : public Decoder {
 public:
  explicit XzDecoder(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}
  ~XzDecoder() override { lzma_end(&stream_); }
  XzDecoder(const XzDecoder&) = delete;
  XzDecoder& operator=(const XzDecoder&) = delete;

  Result<Step> Decode(std::string_view in, char* out, std::size_t room) override {
    if (between_streams_) {
      // Padding behind a stream is zeros, as the format says.
      if (in.front() == '\0') return Step{1, 0};
      const lzma_ret code = lzma_stream_decoder(&stream_, max_bytes_, 0);
      if (code != LZMA_OK) return Error(ToStatus(code));
      between_streams_ = false;
    }
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out);
    stream_.avail_out = room;
    const lzma_ret code = lzma_code(&stream_, LZMA_RUN);
    const Step step{in.size() - stream_.avail_in, room - stream_.avail_out};
    if (code == LZMA_STREAM_END) between_streams_ = true;
    if (code == LZMA_OK || code == LZMA_STREAM_END || code == LZMA_BUF_ERROR) return step;
    return Error(ToStatus(code));
  }

  [[nodiscard]] bool AtBoundary() const override { return between_streams_; }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  std::uint64_t max_bytes_;
  bool between_streams_ = true;
};

}  // namespace

std::unique_ptr<Decoder> NewXzDecoder(std::uint64_t max_bytes) {
  return std::make_unique<XzDecoder>(max_bytes);
}

}  // namespace auditflow::input
