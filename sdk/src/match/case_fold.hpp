#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace auditflow::match {

/// Appends `utf8` after Unicode simple case folding (statuses C and S of CaseFolding.txt: one code
/// point becomes one code point), the form in which everything that is not `cased` is compared.
/// Bytes that are no valid UTF-8 are copied as they are. The result may have another length in
/// bytes: U+212A (three bytes) folds to `k`.
void AppendFolded(std::string_view utf8, std::string& out);

/// The same into the beginning of `buffer`, which grows as it has to and is not cleared: that would
/// take as long as folding. @return how long the result is.
std::size_t FoldInto(std::string_view utf8, std::string& buffer);

/// A–Z in lower case, other bytes as they are.
inline char FoldAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// The folded form as a string of its own.
std::string Folded(std::string_view utf8);

}  // namespace auditflow::match
