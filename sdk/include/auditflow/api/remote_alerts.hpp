#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/core/secret.hpp"
#include "auditflow/http/client.hpp"
#include "auditflow/store/alert_reader.hpp"

namespace auditflow::api {

/// An alert as another service gave it.
struct RemoteAlert {
  /// What the row lacks is empty: a `received_at` of 1970-01-01T00:00:00Z exactly, an unknown
  /// `client_ip` "N/A". Texts may be longer than a store takes them.
  store::StoredAlert stored;
  /// What the row holds in a form that cannot be read, "field: reason". The field is empty then,
  /// except `raw_event_data`, which is the text as it came and no JSON object.
  std::vector<std::string> faults;
};

/// Reads one row of the wire contract's `GET /alerts`: a JSON object. An `alert_id` and a
/// `timestamp` are needed; every other member may be missing, null or of another type than it
/// should. Times are read as `Timestamp::Parse` does. Members of unknown names are ignored.
/// @return kDataLoss "field: reason".
Result<RemoteAlert> ReadRemoteAlert(std::string_view row_json);

struct RemoteAlertPage {
  std::vector<RemoteAlert> alerts;
  std::vector<std::string> unreadable;  ///< rows that are no alerts, "row N: field: reason"
  std::uint32_t rows = 0;               ///< all of them: the next page begins that much further
  bool more = false;                    ///< there are alerts behind these
  /// Whether the service understands filters. If not, these are the alerts without any filter.
  bool filtered = false;
  std::optional<std::uint64_t> total;  ///< of those that the filters let through, where it is told
};

/// Whether a service answers.
struct PeerHealth {
  bool up = false;
  Timestamp since;                        ///< of the last change between up and down
  std::string reason;                     ///< why it is down
  std::optional<Timestamp> last_success;  ///< when it last answered as it should
};

struct RemoteAlertOptions {
  http::ClientOptions service = {.host = "localhost", .port = 8000};
  Secret token = {};  ///< sent as a bearer token, unless empty; the connection has no TLS
  /// What sends requests; an `http::Client`, which keeps connections, if there is none.
  std::function<Result<http::ClientResponse>(const http::ClientOptions&,
                                             const http::ClientRequest&)>
      transport = {};
  /// Requests that may wait for the service at the same time, so that a slow one holds up no more
  /// threads than that; 0: any number. One more waits for `queue_timeout` and then fails.
  std::size_t max_concurrent = 0;
  Duration queue_timeout = std::chrono::milliseconds(200);
  /// Called after each request by the thread that made it, several at once.
  std::function<void(const PeerHealth&)> on_request = {};
};

/// Reads the alerts of a notification service by the wire contract: of one that knows filters,
/// counts and histories as `AddAlertRoutes` does, or of one that knows `limit` and `offset` alone.
///
/// One request per call, no retries: whoever shows alerts asks again anyway. While the service is
/// down, one caller at a time asks it; the others get the failure that is known, so that a service
/// that hangs does not hold up every thread.
///
/// Statuses, each naming host and port: kUnavailable if there is no connection, the service answers
/// 429 or 5xx, or too many requests wait for it; kDeadlineExceeded if it does not answer in time;
/// kResourceExhausted for an answer over the limit; kUnauthenticated and kPermissionDenied for 401
/// and 403; kDataLoss for an answer that is not in the contract's form; kFailedPrecondition for one
/// that no notification service gives; kInvalidArgument with the service's text for 400.
///
/// Thread safety: thread-safe. `clock` must outlive it.
class RemoteAlertReader final : public store::AlertReader {
 public:
  explicit RemoteAlertReader(RemoteAlertOptions options, Clock& clock = SystemClock());
  ~RemoteAlertReader() override;
  RemoteAlertReader(const RemoteAlertReader&) = delete;
  RemoteAlertReader& operator=(const RemoteAlertReader&) = delete;

  /// What can be read of a page, whatever one of its rows holds. Of rows that are too large
  /// together it has fewer than `query.limit`; a row that is too large alone is unreadable.
  Result<RemoteAlertPage> ListPage(const store::AlertQuery& query);
  /// Nothing if the service knows no such alert.
  Result<std::optional<RemoteAlert>> Find(const Uuid& alert_id);

  /// As the interface promises, or not at all: kDataLoss if a row cannot be read in full,
  /// kUnimplemented for what the service does not know: filters, counts, histories.
  Result<std::vector<store::StoredAlert>> List(const store::AlertQuery& query) override;
  Result<std::optional<store::StoredAlert>> Get(const Uuid& alert_id) override;
  Result<std::uint64_t> Count(const store::AlertQuery& query) override;
  Result<std::vector<store::FacetCount>> CountBy(store::AlertFacet facet,
                                                 const store::AlertQuery& query) override;
  Result<std::vector<store::AlertState>> History(const Uuid& alert_id) override;
  Status Ping() override;

  /// "host:port".
  [[nodiscard]] const std::string& peer() const;
  [[nodiscard]] PeerHealth health() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::api
