#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/api/remote_alerts.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/http/client.hpp"
#include "auditflow/store/alert_reader.hpp"

namespace auditflow::api {

/// The filters of a query as parameters of `/alerts`, each after an "&".
std::string FilterParameters(const store::AlertQuery& query);

/// What a notification service's answer means. `peer` is put before every message.
class AnswerReader {
 public:
  AnswerReader(std::string_view peer, const http::ClientResponse& answer)
      : peer_(peer), answer_(answer) {}

  /// OK for 200.
  [[nodiscard]] Status Judge() const;
  /// At most `max_rows` rows.
  [[nodiscard]] Result<RemoteAlertPage> Page(std::size_t max_rows) const;
  [[nodiscard]] Result<std::optional<RemoteAlert>> Alert(const Uuid& alert_id) const;
  /// kUnimplemented if the service does not count.
  [[nodiscard]] Result<std::uint64_t> Total() const;
  [[nodiscard]] Result<std::vector<store::FacetCount>> Facet(std::string_view name) const;
  [[nodiscard]] Result<std::vector<store::AlertState>> States() const;

 private:
  [[nodiscard]] Status Named(const Status& status) const { return status.WithContext(peer_); }
  [[nodiscard]] tl::unexpected<Status> Malformed(std::string_view what) const;
  [[nodiscard]] std::string Said(std::string_view otherwise) const;
  /// Whether a 404 is about an alert, and not about a path that the service does not know.
  [[nodiscard]] bool IsMissingAlert() const;
  [[nodiscard]] std::optional<std::uint64_t> TotalHeader() const;

  const std::string_view peer_;
  const http::ClientResponse& answer_;
};

}  // namespace auditflow::api
