#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "auditflow/core/result.hpp"

namespace auditflow {

class RandomSource;

/// A 128-bit identifier in network byte order (RFC 9562). The default value is the nil UUID.
///
/// Thread safety: a value type.
class Uuid {
 public:
  using Bytes = std::array<std::uint8_t, 16>;

  constexpr Uuid() = default;
  constexpr explicit Uuid(const Bytes& bytes) : bytes_(bytes) {}

  /// Reads the 36-character form "8-4-4-4-12", either letter case. No braces, no "urn:uuid:".
  /// @return kInvalidArgument if `text` has another form.
  static Result<Uuid> Parse(std::string_view text);

  /// Version 4 (random) from the injected source.
  static Uuid Random(RandomSource& random);

  /// Version 5: SHA-1 over the namespace's bytes followed by `name` (RFC 9562 section 5.5).
  static Uuid V5(const Uuid& name_space, std::string_view name);

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] bool is_nil() const { return *this == Uuid(); }
  /// Lower case, 36 characters.
  [[nodiscard]] std::string ToString() const;

  friend auto operator<=>(const Uuid&, const Uuid&) = default;

 private:
  Bytes bytes_{};
};

}  // namespace auditflow

template <>
struct std::hash<auditflow::Uuid> {
  std::size_t operator()(const auditflow::Uuid& uuid) const noexcept;
};
