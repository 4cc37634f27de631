#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/api/digest.hpp"
#include "src/api/token_file.hpp"

// What is accepted is the same once it has been written; and base64 has one form for each text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace auditflow::api;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)DecodeBase64(input);
  const auto tokens = ParseTokens(input, "tokens");
  if (!tokens) return 0;
  std::string written;
  for (const AccessToken& token : *tokens) written += FormatToken(token) + "\n";
  const auto again = ParseTokens(written, "tokens");
  if (!again || again->size() != tokens->size()) std::abort();
  for (std::size_t i = 0; i < tokens->size(); ++i) {
    const AccessToken& a = (*tokens)[i];
    const AccessToken& b = (*again)[i];
    if (a.name != b.name || a.scopes != b.scopes || a.digest != b.digest) std::abort();
  }
  return 0;
}
