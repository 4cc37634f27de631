#include "src/curl/mail_message.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "auditflow/core/utf8.hpp"
#include "auditflow/notify/alert_text.hpp"

#include "src/curl/signature.hpp"
#include "src/curl/slack_message.hpp"

namespace auditflow::curl {
namespace {

constexpr std::size_t kMaxSubject = 200;
constexpr std::size_t kMaxLine = 76;
/// Of an encoded word: 75 characters less "=?UTF-8?B?" and "?=", three bytes to four characters.
constexpr std::size_t kWordBytes = 45;

bool IsAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsMadeOf(std::string_view text, std::string_view marks) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return IsAlnum(c) || marks.find(c) != std::string_view::npos;
  });
}

bool HasDotsInPlace(std::string_view text) {
  return !text.starts_with('.') && !text.ends_with('.') &&
         text.find("..") == std::string_view::npos;
}

void AppendHex(unsigned char byte, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  out += '=';
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 0xFU];
}

std::string Recipients(const std::vector<std::string>& to) {
  std::string list;
  for (const std::string& address : to) {
    if (!list.empty()) list += ",\r\n ";
    list += address;
  }
  return list;
}

std::string BodyOf(const EmailOptions& options, const notify::Notification& notification) {
  std::string body = notify::PlainText(notification.alert);
  if (!options.link.empty()) body += "\n" + LinkTo(notification.alert, options.link) + "\n";
  return body;
}

}  // namespace

bool IsMailAddress(std::string_view text) {
  constexpr std::size_t kLongest = 254;
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > kLongest) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  return IsMadeOf(local, "!#$%&'*+-/=?^_`{|}~.") && HasDotsInPlace(local) &&
         IsMadeOf(domain, "-.") && HasDotsInPlace(domain);
}

std::string MailDate(Timestamp t) {
  constexpr std::array<const char*, 7> kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000'000;
  const CivilTime civil = ToCivil(t);
  std::int64_t day = t.unix_nanos() / kDay;
  if (t.unix_nanos() % kDay < 0) --day;
  const auto weekday = static_cast<std::size_t>((day % 7 + 7) % 7);  // 1970 began on a Thursday
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %d %s %04d %02d:%02d:%02d +0000", kDays[weekday],
                civil.day, kMonths[static_cast<std::size_t>(civil.month - 1)], civil.year,
                civil.hour, civil.minute, civil.second);
  return text.data();
}

std::string EncodeHeader(std::string_view text) {
  const bool is_plain =
      text.size() <= kMaxLine - 10 && text.find("=?") == std::string_view::npos &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (is_plain) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::string_view word = CutUtf8(text, kWordBytes);
    out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + Base64(word) + "?=";
    text.remove_prefix(word.size());
  }
  return out;
}

std::string QuotedPrintable(std::string_view text) {
  std::string out;
  std::size_t line = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += "\r\n";
      line = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    const bool is_plain =
        (c > ' ' && c <= '~' && c != '=') || ((c == ' ' || c == '\t') && !ends_line);
    const std::size_t width = is_plain ? 1 : 3;
    if (line + width > kMaxLine - 1) {
      out += "=\r\n";
      line = 0;
    }
    if (is_plain) {
      out += c;
    } else {
      AppendHex(static_cast<unsigned char>(c), out);
    }
    line += width;
  }
  return out;
}

std::string MailMessage(const EmailOptions& options, const notify::Notification& notification,
                        Timestamp now) {
  const std::string domain = options.from.substr(options.from.rfind('@') + 1);
  const std::string prefix = options.subject_prefix.empty() ? "" : options.subject_prefix + " ";
  const std::string subject = notify::OneLine(
      prefix + notify::Headline(notification.alert, kMaxSubject), kMaxSubject + prefix.size());
  std::string mail;
  mail += "Date: " + MailDate(now) + "\r\n";
  mail += "From: " + options.from + "\r\n";
  mail += "To: " + Recipients(options.to) + "\r\n";
  mail += "Message-ID: <" + notification.idempotency_key + "@" + domain + ">\r\n";
  mail += "Subject: " + EncodeHeader(subject) + "\r\n";
  mail += "Auto-Submitted: auto-generated\r\n";
  mail += "MIME-Version: 1.0\r\n";
  mail += "Content-Type: text/plain; charset=utf-8\r\n";
  mail += "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
  return mail + QuotedPrintable(BodyOf(options, notification));
}

}  // namespace auditflow::curl
