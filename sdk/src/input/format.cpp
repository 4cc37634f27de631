#include "src/input/format.hpp"

#include <array>
#include <utility>

namespace auditflow::input {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kMagic = {
    std::pair("\x1f\x8b"sv, Format::kGzip),
    std::pair("\xfd"
              "7zXZ\0"sv,
              Format::kXz),
    std::pair("\x28\xb5\x2f\xfd"sv, Format::kZstd),
    std::pair("BZh"sv, Format::kBzip2),
    std::pair("PK\x03\x04"sv, Format::kZip),
    std::pair("7z\xbc\xaf\x27\x1c"sv, Format::kSevenZip),
    std::pair("\x04\x22\x4d\x18"sv, Format::kLz4),
};

/// A frame of user data that a zstd stream may begin with: 0x184D2A50 … 5F, little-endian.
Format DetectSkippableFrame(std::string_view prefix) {
  constexpr std::string_view kRest = "\x2a\x4d\x18";
  if (prefix.empty() || (static_cast<unsigned char>(prefix[0]) & 0xF0U) != 0x50U) {
    return Format::kPlain;
  }
  const std::string_view rest = prefix.substr(1, kRest.size());
  if (!kRest.starts_with(rest)) return Format::kPlain;
  return rest.size() == kRest.size() ? Format::kZstd : Format::kUndecided;
}

}  // namespace

Format DetectFormat(std::string_view prefix, bool at_end) {
  bool undecided = prefix.empty();
  for (const auto& [magic, format] : kMagic) {
    if (prefix.starts_with(magic)) return format;
    undecided |= magic.starts_with(prefix);
  }
  const Format skippable = DetectSkippableFrame(prefix);
  if (skippable == Format::kZstd) return skippable;
  undecided |= skippable == Format::kUndecided;
  return undecided && !at_end ? Format::kUndecided : Format::kPlain;
}

}  // namespace auditflow::input
