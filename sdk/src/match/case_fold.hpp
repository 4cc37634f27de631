#pragma once

#include <string>
#include <string_view>

namespace auditflow::match {

/// Appends `utf8` after Unicode simple case folding (statuses C and S of CaseFolding.txt: one code
/// point becomes one code point), the form in which everything that is not `cased` is compared.
/// Bytes that are no valid UTF-8 are copied as they are. The result may have another length in
/// bytes: U+212A (three bytes) folds to `k`.
void AppendFolded(std::string_view utf8, std::string& out);

/// Writes `bytes` with A–Z in lower case to `to`, which has as much room; other bytes as they are.
void FoldAscii(std::string_view bytes, char* to);

/// The folded form as a string of its own.
std::string Folded(std::string_view utf8);

}  // namespace auditflow::match
