#include "auditflow/api/remote_alerts.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#include "src/api/remote_answer.hpp"

namespace auditflow::api {
namespace {

bool HasFilter(const store::AlertQuery& query) { return !FilterParameters(query).empty(); }

std::string ListTarget(const store::AlertQuery& query, std::uint64_t limit) {
  return "/alerts?limit=" + std::to_string(limit) + "&offset=" + std::to_string(query.offset) +
         FilterParameters(query);
}

/// Whether a service that fails so does not do its work. A refused request, an answer that is too
/// large, or a thing that it never promised are no such failures.
bool MeansDown(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
    case StatusCode::kInvalidArgument:
    case StatusCode::kNotFound:
    case StatusCode::kResourceExhausted:
    case StatusCode::kUnimplemented:
      return false;
    default:
      return true;
  }
}

std::string PeerName(const http::ClientOptions& service) {
  const bool v6 = service.host.find(':') != std::string::npos && !service.host.starts_with('[');
  return (v6 ? "[" + service.host + "]" : service.host) + ":" + std::to_string(service.port);
}

/// "localhost:8000: …" in front of it once.
Status Named(const Status& status, const std::string& peer) {
  return status.message().starts_with(peer) ? status : status.WithContext(peer);
}

}  // namespace

class RemoteAlertReader::Impl {
 public:
  Impl(RemoteAlertOptions options, Clock& clock)
      : options_(std::move(options)), clock_(clock), peer_(PeerName(options_.service)) {
    if (!options_.transport) {
      options_.transport = [client = std::make_shared<http::Client>(options_.service)](
                               const http::ClientOptions&, const http::ClientRequest& request) {
        return client->Send(request);
      };
    }
    health_.since = clock_.Now();
    health_.reason = "not asked yet";
  }

  [[nodiscard]] const std::string& peer() const { return peer_; }

  [[nodiscard]] PeerHealth health() const {
    const std::scoped_lock lock(mutex_);
    return health_;
  }

  /// Asks for `target` and lets `read` make of the answer what it means.
  template <class Read>
  auto Ask(const std::string& target, const Read& read)
      -> decltype(read(std::declval<AnswerReader>())) {
    if (Status known = Enter(); !known.ok()) return Error(std::move(known));
    const Result<http::ClientResponse> answer = Send(target);
    if (!answer) {
      Leave(answer.error());
      return Error(answer.error());
    }
    auto result = read(AnswerReader(peer_, *answer));
    Leave(result ? Status() : result.error());
    return result;
  }

  Result<RemoteAlertPage> ListPage(const store::AlertQuery& query) {
    // One row more than is wanted tells whether there are more.
    const std::uint64_t wanted = query.limit;
    std::uint64_t limit = wanted + 1;
    while (true) {
      Result<RemoteAlertPage> page = ReadPage(query, limit, std::min(limit, wanted));
      if (page || page.error().code() != StatusCode::kResourceExhausted) return page;
      if (limit == 1) return TooLargeRow(page.error());
      limit /= 2;
    }
  }

 private:
  Result<RemoteAlertPage> ReadPage(const store::AlertQuery& query, std::uint64_t limit,
                                   std::uint64_t max_rows) {
    Result<RemoteAlertPage> page = Ask(ListTarget(query, limit), [&](const AnswerReader& answer) {
      return answer.Page(max_rows);
    });
    if (!page) return page;
    filters_ = page->filtered;
    const std::uint64_t end = std::uint64_t{query.offset} + page->rows;
    page->more =
        page->total ? end < *page->total : page->more || (limit == max_rows && page->rows == limit);
    return page;
  }

  [[nodiscard]] RemoteAlertPage TooLargeRow(const Status& status) const {
    RemoteAlertPage page;
    page.rows = 1;
    page.more = true;
    page.filtered = filters_;
    page.unreadable.push_back("row 1: " + status.message());
    return page;
  }

  Result<http::ClientResponse> Send(const std::string& target) {
    http::ClientRequest request;
    request.target = target;
    request.headers.emplace_back("Accept", "application/json");
    if (!options_.token.empty()) {
      request.headers.emplace_back("Authorization", "Bearer " + options_.token.Reveal());
    }
    Result<http::ClientResponse> answer = options_.transport(options_.service, request);
    if (answer) return answer;
    const Status status = Named(answer.error(), peer_);
    // What a client refuses to send is a fault of the configuration, not of who asks.
    if (status.code() != StatusCode::kInvalidArgument) return Error(status);
    return Error(FailedPrecondition(status.message()));
  }

  /// @return the failure that is known while somebody else asks a service that is down.
  Status Enter() {
    std::unique_lock lock(mutex_);
    const auto has_room = [this] {
      return options_.max_concurrent == 0 || asking_ < options_.max_concurrent;
    };
    if (failure_.ok()) left_.wait_for(lock, options_.queue_timeout, has_room);
    if (!failure_.ok() && asking_ > 0) return failure_;
    if (!has_room()) {
      return Unavailable(peer_ + ": too many requests wait for it already");
    }
    ++asking_;
    return {};
  }

  void Leave(const Status& status) {
    PeerHealth health;
    {
      const std::scoped_lock lock(mutex_);
      --asking_;
      failure_ = MeansDown(status) ? status : Status();
      const bool up = failure_.ok();
      if (up != health_.up) health_.since = clock_.Now();
      if (up) health_.last_success = clock_.Now();
      health_.up = up;
      health_.reason = failure_.message();
      health = health_;
    }
    left_.notify_one();
    if (options_.on_request) options_.on_request(health);
  }

  RemoteAlertOptions options_;
  Clock& clock_;
  const std::string peer_;
  std::atomic<bool> filters_{false};  // as the last list said
  mutable std::mutex mutex_;
  std::condition_variable left_;
  PeerHealth health_;
  Status failure_;
  std::size_t asking_ = 0;
};

RemoteAlertReader::RemoteAlertReader(RemoteAlertOptions options, Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}

RemoteAlertReader::~RemoteAlertReader() = default;

Result<RemoteAlertPage> RemoteAlertReader::ListPage(const store::AlertQuery& query) {
  if (query.after) {
    return Error(Unimplemented("the alerts of another service are paged by offset, not by cursor"));
  }
  return impl_->ListPage(query);
}

Result<std::optional<RemoteAlert>> RemoteAlertReader::Find(const Uuid& alert_id) {
  return impl_->Ask("/alerts/" + alert_id.ToString(),
                    [&](const AnswerReader& answer) { return answer.Alert(alert_id); });
}

Result<std::vector<store::StoredAlert>> RemoteAlertReader::List(const store::AlertQuery& query) {
  std::vector<store::StoredAlert> alerts;
  store::AlertQuery rest = query;
  bool more = query.limit > 0;
  while (more) {
    Result<RemoteAlertPage> page = ListPage(rest);
    if (!page) return Error(page.error());
    if (!page->filtered && HasFilter(query)) {
      return Error(Unimplemented("this service does not filter alerts").WithContext(peer()));
    }
    if (!page->unreadable.empty()) {
      return Error(DataLoss(page->unreadable.front()).WithContext(peer()));
    }
    for (RemoteAlert& alert : page->alerts) {
      if (!alert.faults.empty()) return Error(DataLoss(alert.faults.front()).WithContext(peer()));
      alerts.push_back(std::move(alert.stored));
    }
    rest.offset += page->rows;
    rest.limit -= std::min(rest.limit, page->rows);
    more = page->more && page->rows > 0 && rest.limit > 0;
  }
  return alerts;
}

Result<std::optional<store::StoredAlert>> RemoteAlertReader::Get(const Uuid& alert_id) {
  Result<std::optional<RemoteAlert>> found = Find(alert_id);
  if (!found) return Error(found.error());
  if (!*found) return std::nullopt;
  if (!(*found)->faults.empty()) {
    return Error(DataLoss((*found)->faults.front()).WithContext(peer()));
  }
  return std::move((*found)->stored);
}

Result<std::uint64_t> RemoteAlertReader::Count(const store::AlertQuery& query) {
  store::AlertQuery counted = query;
  counted.offset = 0;
  return impl_->Ask(ListTarget(counted, 1),
                    [](const AnswerReader& answer) { return answer.Total(); });
}

Result<std::vector<store::FacetCount>> RemoteAlertReader::CountBy(store::AlertFacet facet,
                                                                  const store::AlertQuery& query) {
  if (query.limit == 0) return std::vector<store::FacetCount>();
  const std::string name(store::ToString(facet));
  return impl_->Ask("/alerts/facets?by=" + name + "&limit=" + std::to_string(query.limit) +
                        FilterParameters(query),
                    [&](const AnswerReader& answer) { return answer.Facet(name); });
}

Result<std::vector<store::AlertState>> RemoteAlertReader::History(const Uuid& alert_id) {
  return impl_->Ask("/alerts/" + alert_id.ToString() + "/history",
                    [](const AnswerReader& answer) { return answer.States(); });
}

Status RemoteAlertReader::Ping() {
  const auto page = impl_->Ask("/alerts?limit=1&offset=0",
                               [](const AnswerReader& answer) { return answer.Page(1); });
  return page ? Status() : page.error();
}

const std::string& RemoteAlertReader::peer() const { return impl_->peer(); }

PeerHealth RemoteAlertReader::health() const { return impl_->health(); }

}  // namespace auditflow::api
