#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auditflow/core/utf8.hpp"
#include "auditflow/http/client.hpp"

#include "src/http/request_reader.hpp"
#include "src/http/target.hpp"

namespace {

using auditflow::http::ParseTarget;
using auditflow::http::RequestReader;
using auditflow::http::ServerLimits;
using auditflow::http::Target;

void Require(bool condition) {
  if (!condition) std::abort();
}

// "/a/b" → segments that are neither empty nor dots.
void RequireNormalised(std::string_view path) {
  Require(path.starts_with('/'));
  while (path.size() > 1) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    Require(!segment.empty() && segment != "." && segment != "..");
    path.remove_prefix(segment.size());
    Require(path != "/");
  }
}

// Escaping the decoded path and query again must lead to the same.
void RequireRoundTrip(const Target& target) {
  std::string text;
  for (const char c : target.path) {
    text += c == '/' ? "/" : auditflow::http::EscapeUri({&c, 1});
  }
  char separator = '?';
  for (const auto& [name, value] : target.query) {
    text += separator;
    text += auditflow::http::EscapeUri(name) + '=' + auditflow::http::EscapeUri(value);
    separator = '&';
  }
  const auto again = ParseTarget(text, 64);
  Require(again.has_value() && again->path == target.path && again->query == target.query);
}

void CheckTarget(std::string_view text) {
  const auto target = ParseTarget(text, 64);
  if (!target || target->path == "*") return;
  RequireNormalised(target->path);
  Require(auditflow::IsValidUtf8(target->path));
  Require(target->query.size() <= 64);
  RequireRoundTrip(*target);
}

struct Outcome {
  std::string requests;
  int refused = 0;
};

Outcome ReadRequests(std::string_view bytes, std::size_t piece) {
  ServerLimits limits;
  limits.max_header_bytes = 1024;
  limits.max_target_bytes = 256;
  limits.max_body_bytes = 256;
  RequestReader reader(limits);
  Outcome outcome;
  while (!bytes.empty() && reader.state() != RequestReader::State::kRefused) {
    reader.Feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (reader.state() == RequestReader::State::kComplete) {
      const auto& request = reader.request();
      outcome.requests += request.method + ' ' + request.path + '\n' + request.body + '\n';
      reader.Next();
    }
  }
  if (reader.state() == RequestReader::State::kRefused) outcome.refused = reader.refusal().status;
  return outcome;
}

}  // namespace

// The bytes are a target, and also what a client sends: how TCP cuts them must not matter.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckTarget(text);
  const Outcome whole = ReadRequests(text, text.size());
  const Outcome bytes = ReadRequests(text, 1);
  Require(whole.requests == bytes.requests);
  Require((whole.refused == 0) == (bytes.refused == 0));
  return 0;
}
