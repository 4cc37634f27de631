#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "src/api/alert_filters.hpp"
#include "src/api/alert_page.hpp"
#include "src/api/alert_request.hpp"
#include "src/api/html.hpp"
#include "src/api/page.hpp"

namespace auditflow::api {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kColumns = {
    {{"at", "Time (UTC)"},
     {"how-bad", "Severity"},
     {"what", "Alert"},
     {"by", "Actor and host"},
     {"why", "Rule"}}};

constexpr std::size_t kMaxNameBytes = 300;
constexpr std::size_t kMaxDescriptionBytes = 600;

/// One rendering of the list.
class AlertList {
 public:
  /// `editing`: with the form that sets the filters.
  AlertList(const AlertListing& listing, const store::AlertQuery& query, std::string_view source,
            Timestamp now, bool editing)
      : page_(listing.page),
        query_(query),
        filters_(query),
        source_(source),
        now_(now),
        editing_(editing),
        severities_(listing.severities.value_or(std::vector<store::FacetCount>())) {}

  std::string Render() {
    out_ += "<h1 class=\"hidden\">Alerts</h1>\n";
    if (page_.filtered) {
      Filters();
    } else if (filters_.Any()) {
      Notice("No filter applied",
             source_ + " cannot filter. These are all its alerts, newest first.");
    }
    Unreadable();
    if (page_.alerts.empty()) {
      Empty();
    } else {
      Table();
    }
    Pages();
    return std::move(out_);
  }

 private:
  void Filters() {
    filters_.AppendChips(severities_, editing_, out_);
    if (editing_) {
      filters_.AppendForm(out_);
    } else {
      filters_.AppendSummary(out_);
    }
  }

  void Notice(std::string_view title, std::string_view text) {
    out_.append("<div class=\"card notice\" role=\"status\"><p><b>").append(title);
    out_ += ".</b> " + Escaped(text) + "</p></div>\n";
  }

  void Unreadable() {
    if (page_.unreadable.empty()) return;
    const std::size_t count = page_.unreadable.size();
    out_ += "<div class=\"card notice\" role=\"status\"><p><b>" + std::to_string(count) +
            (count == 1 ? " alert" : " alerts") + " of this page cannot be read.</b></p><ul>";
    for (const std::string& reason : page_.unreadable) out_ += "<li>" + Escaped(reason) + "</li>";
    out_ += "</ul></div>\n";
  }

  void Empty() {
    out_ += "<div class=\"card empty\">";
    if (query_.offset > 0 || !page_.unreadable.empty()) {
      out_ += "No alerts here.";
    } else {
      out_ +=
          page_.filtered && filters_.Any() ? "No alert matches these filters." : "No alerts yet.";
    }
    out_ += "</div>\n";
  }

  // With their roles spelled out: the style for narrow screens takes tables apart.
  void Table() {
    out_ +=
        "<div class=\"card\"><table role=\"table\">\n<caption class=\"hidden\">Alerts, newest "
        "first</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">";
    for (const auto& [style, name] : kColumns) {
      out_.append("<th scope=\"col\" role=\"columnheader\" class=\"").append(style).append("\">");
      out_.append(name).append("</th>");
    }
    out_ += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
    for (const RemoteAlert& alert : page_.alerts) Row(alert.stored);
    out_ += "</tbody>\n</table></div>\n";
  }

  void Cell(std::string_view style) {
    out_.append("<td role=\"cell\" class=\"").append(style).append("\">");
  }

  void Row(const store::StoredAlert& stored) {
    const alert::Alert& alert = stored.alert;
    out_ += "<tr role=\"row\">";
    Cell("time");
    AppendTime(alert.timestamp, out_);
    out_ += " <div class=\"dim\">" + Age(alert.timestamp, now_) + "</div></td>";
    Cell("severity-cell");
    AppendSeverity(alert.severity, out_);
    out_ += "</td>";
    Cell("what-cell");
    What(stored);
    out_ += "</td>";
    Cell("who");
    out_ += "<span>" + EscapedUpTo(alert.triggered_by.actor_id, kMaxNameBytes) +
            "</span><span class=\"dim\">" +
            EscapedUpTo(alert.impacted_resource.server_hostname, kMaxNameBytes) + "</span></td>";
    Cell("rule dim");
    out_ += EscapedUpTo(alert.analysis_rule.rule_id, kMaxNameBytes) + "</td></tr>\n";
  }

  void What(const store::StoredAlert& stored) {
    const alert::Alert& alert = stored.alert;
    const std::string name = EscapedUpTo(alert.alert_name, kMaxNameBytes);
    out_ += "<a class=\"what\" href=\"/alert/" + alert.alert_id.ToString() + "\">" +
            (name.empty() ? "Alert without a name" : name) + "</a>";
    AppendState(stored.state, out_);
    out_ += "<div class=\"dim about\">" + EscapedUpTo(alert.description, kMaxDescriptionBytes) +
            "</div>";
  }

  void Pages() {
    const std::uint64_t end = std::uint64_t{query_.offset} + page_.rows;
    out_ += "<nav class=\"pages\" aria-label=\"Pages\"><span>";
    if (query_.offset > 0) {
      const std::uint32_t newer = query_.offset - std::min(query_.offset, query_.limit);
      out_ += "<a href=\"" + filters_.Link(query_.severity, newer) + "\">← Newer</a>";
    }
    out_ += "</span><span class=\"dim\">";
    if (page_.rows > 0) {
      out_ += std::to_string(query_.offset + 1) + "–" + std::to_string(end);
      if (page_.total) out_ += " of " + std::to_string(*page_.total);
    }
    out_ += "</span><span>";
    if (page_.rows > 0 && page_.more) {
      out_ += "<a href=\"" + filters_.Link(query_.severity, static_cast<std::uint32_t>(end)) +
              "\">Older →</a>";
    }
    out_ += "</span></nav>\n";
  }

  const RemoteAlertPage& page_;
  const store::AlertQuery& query_;
  const AlertFilters filters_;
  const std::string source_;
  const Timestamp now_;
  const bool editing_;
  const std::vector<store::FacetCount> severities_;
  std::string out_;
};

std::string StateText(Timestamp now, std::chrono::seconds refresh) {
  std::string text = "as of ";
  text += ShortTime(now) + " UTC";
  if (refresh.count() > 0) text += " · updates every " + std::to_string(refresh.count()) + " s";
  return text;
}

}  // namespace

http::Response AlertListPage(const http::Request& request, AlertSource& source,
                             const PageOptions& options, const Clock& clock) {
  Result<store::AlertQuery> query = ReadAlertQuery(request, {});
  if (!query) return MakeErrorPage(400, query.error().message(), options);
  query->limit = options.alerts_per_page;
  query->after.reset();
  // Nobody loses a half-written filter or a page of older alerts to a reload.
  const bool editing = request.Query("edit").has_value();
  const bool reloads = query->offset == 0 && !editing;
  const auto refresh = reloads ? options.refresh : std::chrono::seconds(0);
  const SourceResult<AlertListing> listing = source.List(*query);
  const Timestamp now = clock.Now();
  if (!listing) return MakeAwayPage(listing.error(), now, refresh, options);
  const PageFrame frame{.title = options.title + " alerts",
                        .product = options.title,
                        .state = StateText(now, refresh),
                        .refresh_seconds = refresh.count()};
  return MakePage(200, frame, AlertList(*listing, *query, source.Name(), now, editing).Render());
}

}  // namespace auditflow::api
