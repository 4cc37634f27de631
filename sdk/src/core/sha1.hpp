#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace auditflow {

/// SHA-1 (RFC 3174). For UUIDv5 only, which names it: no security rests on it.
///
/// Thread safety: thread-compatible.
class Sha1 {
 public:
  using Digest = std::array<std::uint8_t, 20>;

  void Update(std::span<const std::uint8_t> bytes);
  void Update(std::string_view text);
  /// Ends the message; the object may not be used afterwards.
  Digest Finish();

 private:
  static constexpr std::size_t kBlock = 64;

  void Compress(const std::uint8_t* block);

  std::array<std::uint32_t, 5> state_ = {0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U,
                                         0xc3d2e1f0U};
  std::array<std::uint8_t, kBlock> pending_{};
  std::size_t pending_size_ = 0;
  std::uint64_t length_ = 0;
};

}  // namespace auditflow
