#include "src/http/head_check.hpp"

#include <algorithm>

#include "src/http/ascii.hpp"

namespace auditflow::http {
namespace {

using Check = std::optional<Refusal>;

Check BadRequest(std::string reason) { return Refusal{400, std::move(reason)}; }

std::string_view TakeLine(std::string_view& text) {
  const auto end = std::min(text.find("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 2, text.size()));
  return line;
}

// What decides where the message ends, gathered over all fields.
struct Framing {
  bool http_1_1 = true;
  int hosts = 0;
  int content_lengths = 0;
  int transfer_encodings = 0;
};

bool IsHostChar(char c) {
  return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7F &&
         std::string_view("\"#/<>?@\\^`{|}").find(c) == std::string_view::npos;
}

Check CheckVersion(std::string_view version, Framing& framing) {
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") &&
                           IsDigit(version[5]) && version[6] == '.' && IsDigit(version[7]);
  if (!well_formed) return BadRequest("malformed HTTP version");
  if (version[5] != '1') return Refusal{505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  framing.http_1_1 = version[7] != '0';
  return {};
}

Check CheckRequestLine(std::string_view line, const ServerLimits& limits, Framing& framing) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return BadRequest("malformed request line");
  if (!IsToken(line.substr(0, first))) return BadRequest("malformed method");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (target.size() > limits.max_target_bytes) {
    return Refusal{
        414, "the target is longer than " + std::to_string(limits.max_target_bytes) + " bytes"};
  }
  if (target.empty() || target.find(' ') != std::string_view::npos) {
    return BadRequest("malformed request line");
  }
  return CheckVersion(line.substr(last + 1), framing);
}

Check CheckContentLength(std::string_view value, Framing& framing) {
  if (++framing.content_lengths > 1) return BadRequest("Content-Length is repeated");
  if (value.empty() || !std::ranges::all_of(value, IsDigit)) {
    return BadRequest("malformed Content-Length");
  }
  constexpr std::size_t kMaxDigits = 18;  // fits 64 bits
  if (value.size() > kMaxDigits) return Refusal{413, "Content-Length is too large"};
  return {};
}

Check CheckTransferEncoding(std::string_view value, Framing& framing) {
  if (++framing.transfer_encodings > 1) return BadRequest("Transfer-Encoding is repeated");
  if (value != "chunked") return BadRequest("Transfer-Encoding is not exactly 'chunked'");
  return {};
}

Check CheckField(std::string_view name, std::string_view value, Framing& framing) {
  if (EqualNoCase(name, "Content-Length")) return CheckContentLength(value, framing);
  if (EqualNoCase(name, "Transfer-Encoding")) return CheckTransferEncoding(value, framing);
  if (EqualNoCase(name, "Host")) {
    if (++framing.hosts > 1) return BadRequest("Host is repeated");
    if (!std::ranges::all_of(value, IsHostChar)) return BadRequest("malformed Host");
  }
  if (EqualNoCase(name, "Expect") && !EqualNoCase(value, "100-continue")) {
    return Refusal{417, "only '100-continue' can be expected"};
  }
  return {};
}

Check CheckLine(std::string_view line, Framing& framing) {
  if (line.front() == ' ' || line.front() == '\t') return BadRequest("a header is folded");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return BadRequest("malformed header name");
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = TrimBlanks(line.substr(colon + 1));
  if (!IsFieldValue(value)) {
    return BadRequest("control character in header '" + std::string(name.substr(0, 64)) + "'");
  }
  return CheckField(name, value, framing);
}

Check CheckFraming(const Framing& framing) {
  if (framing.transfer_encodings > 0 && framing.content_lengths > 0) {
    return BadRequest("both Content-Length and Transfer-Encoding");
  }
  if (framing.transfer_encodings > 0 && !framing.http_1_1) {
    return BadRequest("Transfer-Encoding in HTTP/1.0");
  }
  if (framing.http_1_1 && framing.hosts == 0) return BadRequest("Host is missing");
  return {};
}

}  // namespace

std::optional<Refusal> CheckHead(std::string_view head, const ServerLimits& limits) {
  Framing framing;
  if (Check bad = CheckRequestLine(TakeLine(head), limits, framing)) return bad;
  for (std::string_view line = TakeLine(head); !line.empty(); line = TakeLine(head)) {
    if (Check bad = CheckLine(line, framing)) return bad;
  }
  return CheckFraming(framing);
}

}  // namespace auditflow::http
