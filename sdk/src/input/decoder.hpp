#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "auditflow/core/result.hpp"
#include "auditflow/input/reader.hpp"

namespace auditflow::input {

/// Takes compressed bytes apart, a piece at a time.
class Decoder {
 public:
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
  };

  virtual ~Decoder() = default;
  /// Reads from `in` and writes up to `room` bytes to `out`.
  virtual Result<Step> Decode(std::string_view in, char* out, std::size_t room) = 0;
  /// Whether the bytes so far may be all there are.
  [[nodiscard]] virtual bool AtBoundary() const = 0;
};

std::unique_ptr<Decoder> NewGzipDecoder();
std::unique_ptr<Decoder> NewXzDecoder(std::uint64_t max_bytes);
std::unique_ptr<Decoder> NewZstdDecoder(std::uint64_t max_bytes);

}  // namespace auditflow::input
