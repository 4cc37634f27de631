#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "auditflow/http/client.hpp"
#include "auditflow/http/problem.hpp"

#include "src/api/alert_page.hpp"
#include "src/api/alert_request.hpp"
#include "src/api/html.hpp"
#include "src/api/page.hpp"

namespace auditflow::api {
namespace {

constexpr std::array<std::string_view, 5> kSeverities = {"CRITICAL", "HIGH", "MEDIUM", "LOW",
                                                         "INFO"};

/// One rendering of the list.
class AlertList {
 public:
  /// `editing`: with the form that sets the filters.
  AlertList(store::AlertReader& store, Timestamp now, store::AlertQuery query, bool editing)
      : store_(store), now_(now), query_(std::move(query)), editing_(editing) {}

  /// @return the store's failure.
  Result<std::string> Render() {
    if (Status status = Read(); !status.ok()) return Error(status);
    Chips();
    if (editing_) {
      Form();
    } else {
      Filters();
    }
    if (alerts_.empty()) {
      out_ += "<div class=\"card empty\">";
      out_ += Filtered() ? "No alert matches these filters." : "No alerts yet.";
      out_ += "</div>\n";
    } else {
      Table();
    }
    Pages();
    return std::move(out_);
  }

 private:
  Status Read() {
    Result<std::vector<store::StoredAlert>> alerts = store_.List(query_);
    if (!alerts) return alerts.error();
    alerts_ = std::move(*alerts);
    const Result<std::uint64_t> total = store_.Count(query_);
    if (!total) return total.error();
    total_ = *total;
    return CountSeverities();
  }

  /// Under the other filters.
  Status CountSeverities() {
    store::AlertQuery query = query_;
    for (std::size_t i = 0; i <= kSeverities.size(); ++i) {
      query.severity = i == 0 ? "" : kSeverities.at(i - 1);
      const Result<std::uint64_t> count = store_.Count(query);
      if (!count) return count.error();
      counts_.at(i) = *count;
    }
    return {};
  }

  [[nodiscard]] bool Filtered() const {
    return !query_.severity.empty() || !query_.rule_id.empty() || !query_.actor_id.empty() ||
           !query_.server_hostname.empty() || !query_.alert_type.empty() || query_.since ||
           query_.until;
  }

  /// The list with this severity and offset and the filters at hand, escaped for an attribute.
  [[nodiscard]] std::string Link(std::string_view severity, std::uint32_t offset,
                                 bool edit = false) const {
    std::string link;
    const auto add = [&link](std::string_view name, std::string_view value) {
      if (value.empty()) return;
      link.append(1, link.empty() ? '?' : '&').append(name).append("=");
      link += http::EscapeUri(value);
    };
    add("severity", severity);
    add("alert_type", query_.alert_type);
    add("rule_id", query_.rule_id);
    add("actor_id", query_.actor_id);
    add("server_hostname", query_.server_hostname);
    add("since", query_.since ? query_.since->ToString() : "");
    add("until", query_.until ? query_.until->ToString() : "");
    add("offset", offset > 0 ? std::to_string(offset) : "");
    add("edit", edit ? "1" : "");
    return Escaped("/" + link);
  }

  void Chip(std::string_view name, std::string_view severity, std::uint64_t count) {
    out_ += "<li><a href=\"" + Link(severity, 0) + "\"";
    if (query_.severity == severity) out_ += " aria-current=\"true\"";
    out_.append(">").append(name).append(" <b>" + std::to_string(count) + "</b></a></li>\n");
  }

  void Chips() {
    out_ += "<ul class=\"chips\">\n";
    Chip("All", "", counts_[0]);
    for (std::size_t i = 0; i < kSeverities.size(); ++i) {
      std::string name;
      AppendSeverity(kSeverities.at(i), name);
      if (counts_.at(i + 1) > 0 || query_.severity == kSeverities.at(i)) {
        Chip(name, kSeverities.at(i), counts_.at(i + 1));
      }
    }
    if (!editing_) {
      out_ += "<li><a class=\"filter\" href=\"" + Link(query_.severity, 0, true) +
              "\">Filter…</a></li>\n";
    }
    out_ += "</ul>\n";
  }

  void Filter(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out_.append(name).append(" <b>").append(Escaped(value)).append("</b> ");
  }

  void Filters() {
    if (!Filtered()) return;
    out_ += "<p class=\"filters\">";
    Filter("Severity", query_.severity);
    Filter("Type", query_.alert_type);
    Filter("Rule", query_.rule_id);
    Filter("Actor", query_.actor_id);
    Filter("Host", query_.server_hostname);
    Filter("Since", query_.since ? query_.since->ToString() : "");
    Filter("Until", query_.until ? query_.until->ToString() : "");
    out_ += "<a href=\"/\">Clear</a></p>\n";
  }

  void Field(std::string_view label, std::string_view name, std::string_view value) {
    out_.append("<label>").append(label).append("<input name=\"").append(name);
    out_ += "\" value=\"" + Escaped(value) + "\" autocomplete=\"off\"></label>\n";
  }

  void Hidden(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out_.append("<input type=\"hidden\" name=\"").append(name);
    out_ += "\" value=\"" + Escaped(value) + "\">\n";
  }

  void Form() {
    out_ += "<form class=\"card\" method=\"get\" action=\"/\">\n";
    Hidden("severity", query_.severity);
    Hidden("alert_type", query_.alert_type);
    Field("Rule", "rule_id", query_.rule_id);
    Field("Actor", "actor_id", query_.actor_id);
    Field("Host", "server_hostname", query_.server_hostname);
    Field("Since (UTC)", "since", query_.since ? query_.since->ToString() : "");
    Field("Until (UTC)", "until", query_.until ? query_.until->ToString() : "");
    out_ += "<button>Show</button>\n<a class=\"clear\" href=\"/\">Clear</a>\n";
    out_ += "</form>\n";
  }

  void Table() {
    out_ +=
        "<div class=\"card\"><table>\n<thead><tr><th>Time (UTC)</th><th>Severity</th><th>Alert</th>"
        "<th>Actor and host</th><th>Rule</th></tr></thead>\n<tbody>\n";
    for (const store::StoredAlert& stored : alerts_) Row(stored.alert);
    out_ += "</tbody>\n</table></div>\n";
  }

  void Row(const alert::Alert& alert) {
    out_ += "<tr><td class=\"time\">";
    AppendTime(alert.timestamp, out_);
    out_ += " <div class=\"dim\">" + Age(alert.timestamp, now_) + "</div></td>";
    out_ += "<td class=\"severity-cell\">";
    AppendSeverity(alert.severity, out_);
    out_ += "</td><td class=\"what-cell\"><a class=\"what\" href=\"/alert/" +
            alert.alert_id.ToString() + "\">" + Escaped(alert.alert_name) +
            "</a><div class=\"dim\">" + Escaped(alert.description) + "</div></td>";
    out_ += "<td class=\"who\"><span>" + Escaped(alert.triggered_by.actor_id) +
            "</span><span class=\"dim\">" + Escaped(alert.impacted_resource.server_hostname) +
            "</span></td>";
    out_ += "<td class=\"rule dim\">" + Escaped(alert.analysis_rule.rule_id) + "</td></tr>\n";
  }

  void Pages() {
    const std::uint64_t end = std::uint64_t{query_.offset} + alerts_.size();
    out_ += "<nav class=\"pages\" aria-label=\"Pages\"><span>";
    if (query_.offset > 0) {
      const std::uint32_t newer = query_.offset - std::min(query_.offset, query_.limit);
      out_ += "<a href=\"" + Link(query_.severity, newer) + "\">← Newer</a>";
    }
    out_ += "</span><span class=\"dim\">";
    if (!alerts_.empty()) {
      out_ += std::to_string(query_.offset + 1) + "–" + std::to_string(end) + " of " +
              std::to_string(total_);
    }
    out_ += "</span><span>";
    if (!alerts_.empty() && end < total_) {
      out_ +=
          "<a href=\"" + Link(query_.severity, static_cast<std::uint32_t>(end)) + "\">Older →</a>";
    }
    out_ += "</span></nav>\n";
  }

  store::AlertReader& store_;
  const Timestamp now_;
  const store::AlertQuery query_;
  const bool editing_;
  std::vector<store::StoredAlert> alerts_;
  std::uint64_t total_ = 0;
  std::array<std::uint64_t, kSeverities.size() + 1> counts_{};
  std::string out_;
};

}  // namespace

http::Response AlertListPage(const http::Request& request, store::AlertReader& store,
                             const PageOptions& options, const Clock& clock) {
  Result<store::AlertQuery> query = ReadAlertQuery(request, {});
  if (!query) return MakeErrorPage(400, query.error().message(), options);
  query->limit = options.alerts_per_page;
  PageFrame frame{.title = options.title + " alerts", .product = options.title, .state = {}};
  // Nobody loses a half-written filter or a page of older alerts to a reload.
  const bool editing = request.Query("edit").has_value();
  if (query->offset == 0 && !editing && options.refresh.count() > 0) {
    frame.refresh_seconds = options.refresh.count();
    frame.state = "updates every " + std::to_string(frame.refresh_seconds) + " s";
  }
  const Result<std::string> content =
      AlertList(store, clock.Now(), std::move(*query), editing).Render();
  if (content) return MakePage(200, frame, *content);
  return MakeErrorPage(http::HttpStatus(content.error().code()), "The alerts cannot be read now.",
                       options);
}

}  // namespace auditflow::api
