#include "src/curl/slack_message.hpp"

#include <nlohmann/json.hpp>

#include "auditflow/notify/alert_text.hpp"

namespace auditflow::curl {
namespace {

// Slack's own limits are in characters; bytes are never fewer.
constexpr std::size_t kMaxHeader = 140;
constexpr std::size_t kMaxSection = 2900;
constexpr std::size_t kMaxField = 1900;
constexpr std::size_t kMaxFields = 10;

/// Slack reads &, < and > as markup in every kind of text.
std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

nlohmann::json Plain(std::string_view text) {
  return {{"type", "plain_text"}, {"text", Escape(text)}, {"emoji", false}};
}

nlohmann::json Facts(const alert::Alert& alert) {
  auto fields = nlohmann::json::array();
  for (const auto& [label, value] : notify::KeyFacts(alert, kMaxField / 5)) {
    if (fields.size() == kMaxFields) break;
    fields.push_back(Plain(std::string(label) + ": " + value));
  }
  return {{"type", "section"}, {"fields", std::move(fields)}};
}

}  // namespace

std::string LinkTo(const alert::Alert& alert, std::string_view link) {
  constexpr std::string_view kPlace = "{id}";
  std::string url(link);
  const std::size_t at = url.find(kPlace);
  if (at != std::string::npos) url.replace(at, kPlace.size(), alert.alert_id.ToString());
  return url;
}

std::string SlackMessage(const alert::Alert& alert, std::string_view link) {
  const std::string headline = notify::Headline(alert, kMaxHeader);
  auto blocks = nlohmann::json::array();
  blocks.push_back({{"type", "header"}, {"text", Plain(headline.empty() ? "Alert" : headline)}});
  if (!alert.description.empty()) {
    blocks.push_back({{"type", "section"},
                      {"text", Plain(notify::OneLine(alert.description, kMaxSection / 5))}});
  }
  blocks.push_back(Facts(alert));
  std::string text = Escape(headline);
  if (!link.empty()) {
    const std::string url = Escape(LinkTo(alert, link));
    text += " " + url;
    blocks.push_back({{"type", "section"},
                      {"text", {{"type", "mrkdwn"}, {"text", "<" + url + "|Show the alert>"}}}});
  }
  const nlohmann::json message = {
      {"text", std::move(text)}, {"mrkdwn", false}, {"blocks", std::move(blocks)}};
  return message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace auditflow::curl
