#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auditflow/api/remote_alerts.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/store/alert_reader.hpp"

namespace auditflow::api {

/// Why the pages have no alerts to show, as they tell it.
struct SourceFailure {
  Status status;
  std::string what;                            ///< what cannot be read or reached
  std::string reason = {};                     ///< empty where it is not for those who see pages
  std::optional<Timestamp> since = {};         ///< where it is known
  std::optional<Timestamp> last_success = {};  ///< likewise
};

template <class T>
using SourceResult = tl::expected<T, SourceFailure>;

/// What a page of the list shows.
struct AlertListing {
  RemoteAlertPage page;
  /// How many alerts there are of each severity under the other filters, where it is known.
  std::optional<std::vector<store::FacetCount>> severities = {};
};

/// Where pages take alerts from. Thread-safe.
class AlertSource {
 public:
  virtual ~AlertSource() = default;
  virtual SourceResult<AlertListing> List(const store::AlertQuery& query) = 0;
  virtual SourceResult<std::optional<RemoteAlert>> Find(const Uuid& alert_id) = 0;
  /// "the notification service at host:port", in messages.
  [[nodiscard]] virtual std::string Name() const = 0;
  /// Whether the same server has `/alerts/{id}`.
  [[nodiscard]] virtual bool HasJson() const = 0;
};

/// What is given must outlive the source.
std::shared_ptr<AlertSource> SourceOf(store::AlertReader& reader);
std::shared_ptr<AlertSource> SourceOf(RemoteAlertReader& reader);

}  // namespace auditflow::api
