#include <algorithm>
#include <limits>
#include <string>

#include <zlib.h>

#include "src/input/decoder.hpp"

namespace auditflow::input {
namespace {

constexpr int kLargestWindowWithGzipHeader = 15 + 16;

uInt Clamp(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

class GzipDecoder : public Decoder {
 public:
  GzipDecoder() { usable_ = inflateInit2(&stream_, kLargestWindowWithGzipHeader) == Z_OK; }
  ~GzipDecoder() override {
    if (usable_) inflateEnd(&stream_);
  }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  Result<Step> Decode(std::string_view in, char* out, std::size_t room) override {
    if (!usable_) return Error(ResourceExhausted("gzip: out of memory"));
    if (between_members_) {
      // Tapes and block devices pad with zeros behind a member.
      const std::size_t zeros = std::min(in.find_first_not_of('\0'), in.size());
      if (zeros != 0 || in.empty()) return Step{zeros, 0};
      if (Status status = BeginMember(in.front()); !status.ok()) return Error(status);
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = Clamp(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = Clamp(room);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    const Step step{Clamp(in.size()) - stream_.avail_in, Clamp(room) - stream_.avail_out};
    if (code == Z_STREAM_END) between_members_ = true;
    if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR) return step;
    return Error(DataLoss(Reason(code)));
  }

  [[nodiscard]] bool AtBoundary() const override { return between_members_; }

 private:
  Status BeginMember(char first) {
    if (first != '\x1f') return DataLoss("gzip: bytes that are no gzip data follow");
    if (inflateReset(&stream_) != Z_OK) return Internal("gzip: cannot reset the decoder");
    between_members_ = false;
    return {};
  }

  [[nodiscard]] std::string Reason(int code) const {
    if (stream_.msg != nullptr) return std::string("gzip: ") + stream_.msg;
    return code == Z_MEM_ERROR ? "gzip: out of memory" : "gzip: broken data";
  }

  z_stream stream_{};
  bool usable_ = false;
  bool between_members_ = false;
};

}  // namespace

std::unique_ptr<Decoder> NewGzipDecoder() { return std::make_unique<GzipDecoder>(); }

}  // namespace auditflow::input
