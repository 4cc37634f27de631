#include <algorithm>
#include <bit>
#include <string>

#include <zstd.h>
#include <zstd_errors.h>

#include "src/input/decoder.hpp"

namespace auditflow::input {
namespace {

Status ToStatus(std::size_t code) {
  const std::string message = std::string("zstd: ") + ZSTD_getErrorName(code);
  switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation:
      return ResourceExhausted(message);
    case ZSTD_error_frameParameter_windowTooLarge:
      return ResourceExhausted("zstd: decompressing takes more memory than is allowed");
    case ZSTD_error_dictionary_wrong:
    case ZSTD_error_version_unsupported:
    case ZSTD_error_frameParameter_unsupported:
      return Unimplemented(message);
    default:
      return DataLoss(message);
  }
}

int LargestWindowLog(std::uint64_t max_bytes) {
  const ZSTD_bounds bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
  const int log = static_cast<int>(std::bit_width(max_bytes)) - 1;
  return std::clamp(log, bounds.lowerBound, bounds.upperBound);
}

class ZstdDecoder : public Decoder {
 public:
  explicit ZstdDecoder(std::uint64_t max_bytes) : context_(ZSTD_createDCtx(), &ZSTD_freeDCtx) {
    if (context_) {
      ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, LargestWindowLog(max_bytes));
    }
  }

  Result<Step> Decode(std::string_view in, char* out, std::size_t room) override {
    if (!context_) return Error(ResourceExhausted("zstd: out of memory"));
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out, room, 0};
    const std::size_t hint = ZSTD_decompressStream(context_.get(), &to, &from);
    if (ZSTD_isError(hint) != 0) return Error(ToStatus(hint));
    between_frames_ = hint == 0;
    return Step{from.pos, to.pos};
  }

  [[nodiscard]] bool AtBoundary() const override { return between_frames_; }

 private:
  std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context_;
  bool between_frames_ = true;
};

}  // namespace

std::unique_ptr<Decoder> NewZstdDecoder(std::uint64_t max_bytes) {
  return std::make_unique<ZstdDecoder>(max_bytes);
}

}  // namespace auditflow::input
