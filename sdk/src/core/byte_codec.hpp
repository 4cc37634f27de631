#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace auditflow {

/// Appends numbers (little-endian, fixed width) and texts with their length to a string.
class ByteWriter {
 public:
  void U8(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void U32(std::uint32_t value) { Number(value, 4); }
  void U64(std::uint64_t value) { Number(value, 8); }
  void I64(std::int64_t value) { Number(static_cast<std::uint64_t>(value), 8); }
  void F64(double value) { Number(std::bit_cast<std::uint64_t>(value), 8); }
  void Raw(std::string_view bytes) { bytes_.append(bytes); }
  void Text(std::string_view text) {
    U64(text.size());
    Raw(text);
  }
  [[nodiscard]] std::string Take() { return std::move(bytes_); }

 private:
  void Number(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
  }

  std::string bytes_;
};

/// Reads what `ByteWriter` wrote. Past the end everything is zero or empty, and `ok` is false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t U8() { return static_cast<std::uint8_t>(Number(1)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Number(4)); }
  std::uint64_t U64() { return Number(8); }
  std::int64_t I64() { return static_cast<std::int64_t>(Number(8)); }
  double F64() { return std::bit_cast<double>(Number(8)); }
  std::string_view Raw(std::uint64_t size) {
    if (size > bytes_.size()) return Fail();
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::string_view Text() { return Raw(U64()); }
  /// A count of things that take at least `least` bytes each; more than fit is a failure.
  std::uint64_t Count(std::size_t least) {
    const std::uint64_t count = U64();
    if (count <= bytes_.size() / least) return count;
    Fail();
    return 0;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool AtEnd() const { return ok_ && bytes_.empty(); }

 private:
  std::string_view Fail() {
    ok_ = false;
    bytes_ = {};
    return {};
  }
  std::uint64_t Number(std::size_t width) {
    const std::string_view raw = Raw(width);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      value |= std::uint64_t{static_cast<std::uint8_t>(raw[i])} << (8 * i);
    }
    return value;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace auditflow
