#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace auditflow::sigma {

/// The number of characters in UTF-8 text; each stray byte counts as one.
std::size_t CharacterCount(std::string_view utf8);

std::string AsciiLower(std::string_view text);

/// The text in quotes, cut to a length that suits a message, control characters replaced.
std::string Quote(std::string_view text);

/// `, did you mean 'x'?` for the candidate that is nearest to `word`, or "" if none is near.
std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates);

/// The number of insertions, deletions, replacements and swaps of neighbours between two words, or
/// more than `limit`.
std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit);

/// Whether `name` matches a pattern in which `*` stands for any characters. Linear memory, at most
/// |pattern|·|name| steps.
bool GlobMatch(std::string_view pattern, std::string_view name);

/// UTF-16 after its byte order mark as UTF-8; unpaired surrogates become three-byte sequences that
/// a UTF-8 reader refuses. Text without such a mark comes back as "" with `*converted` false.
std::string FromUtf16(std::string_view bytes, bool* converted);

struct LineColumn {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};
/// Where a byte offset stands, counted from 1, columns in characters.
LineColumn PlaceOf(std::string_view utf8, std::size_t offset);

}  // namespace auditflow::sigma
