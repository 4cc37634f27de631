#include "src/api/alert_source.hpp"

#include <cstdint>
#include <utility>

namespace auditflow::api {
namespace {

/// Under the other filters; nothing if the reader cannot tell.
std::optional<std::vector<store::FacetCount>> CountSeverities(store::AlertReader& reader,
                                                              store::AlertQuery query) {
  constexpr std::uint32_t kMaxSeverities = 12;
  query.severity.clear();
  query.limit = kMaxSeverities;
  Result<std::vector<store::FacetCount>> counts =
      reader.CountBy(store::AlertFacet::kSeverity, query);
  if (!counts) return std::nullopt;
  return std::move(*counts);
}

/// A reader that does all that the interface promises.
class ReaderSource final : public AlertSource {
 public:
  explicit ReaderSource(store::AlertReader& reader) : reader_(reader) {}

  SourceResult<AlertListing> List(const store::AlertQuery& query) override {
    Result<std::vector<store::StoredAlert>> alerts = reader_.List(query);
    if (!alerts) return Failed(alerts.error());
    const Result<std::uint64_t> total = reader_.Count(query);
    if (!total) return Failed(total.error());
    AlertListing listing;
    listing.page.rows = static_cast<std::uint32_t>(alerts->size());
    listing.page.filtered = true;
    listing.page.total = *total;
    listing.page.more = std::uint64_t{query.offset} + listing.page.rows < *total;
    for (store::StoredAlert& alert : *alerts) listing.page.alerts.push_back({std::move(alert), {}});
    listing.severities = CountSeverities(reader_, query);
    return listing;
  }

  SourceResult<std::optional<RemoteAlert>> Find(const Uuid& alert_id) override {
    Result<std::optional<store::StoredAlert>> found = reader_.Get(alert_id);
    if (!found) return Failed(found.error());
    if (!*found) return std::nullopt;
    return RemoteAlert{std::move(**found), {}};
  }

  [[nodiscard]] std::string Name() const override { return "The store of alerts"; }
  [[nodiscard]] bool HasJson() const override { return true; }

 private:
  // A store's reasons may name files and hosts that are nobody's business.
  [[nodiscard]] tl::unexpected<SourceFailure> Failed(const Status& status) const {
    return tl::unexpected<SourceFailure>({.status = status, .what = Name()});
  }

  store::AlertReader& reader_;
};

class RemoteSource final : public AlertSource {
 public:
  explicit RemoteSource(RemoteAlertReader& reader) : reader_(reader) {}

  SourceResult<AlertListing> List(const store::AlertQuery& query) override {
    Result<RemoteAlertPage> page = reader_.ListPage(query);
    if (!page) return Failed(page.error());
    AlertListing listing;
    if (page->filtered) listing.severities = CountSeverities(reader_, query);
    listing.page = std::move(*page);
    return listing;
  }

  SourceResult<std::optional<RemoteAlert>> Find(const Uuid& alert_id) override {
    Result<std::optional<RemoteAlert>> found = reader_.Find(alert_id);
    if (!found) return Failed(found.error());
    return std::move(*found);
  }

  [[nodiscard]] std::string Name() const override {
    return "The notification service at " + reader_.peer();
  }
  [[nodiscard]] bool HasJson() const override { return false; }

 private:
  [[nodiscard]] tl::unexpected<SourceFailure> Failed(const Status& status) const {
    const PeerHealth health = reader_.health();
    SourceFailure failure{.status = status, .what = Name(), .reason = status.message()};
    if (!health.up) failure.since = health.since;
    failure.last_success = health.last_success;
    return tl::unexpected<SourceFailure>(std::move(failure));
  }

  RemoteAlertReader& reader_;
};

}  // namespace

std::shared_ptr<AlertSource> SourceOf(store::AlertReader& reader) {
  return std::make_shared<ReaderSource>(reader);
}

std::shared_ptr<AlertSource> SourceOf(RemoteAlertReader& reader) {
  return std::make_shared<RemoteSource>(reader);
}

}  // namespace auditflow::api
