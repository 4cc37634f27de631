// An alert store of one's own: a decorator that keeps names out of the database. Whoever knows the
// secret finds a person's alerts, nobody else can tell whose they are.

#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/alert/alert.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"
#include "auditflow/store/alert_store.hpp"
#include "auditflow/store/in_memory_alert_store.hpp"

namespace {

using auditflow::Result;
using auditflow::Status;
using auditflow::Uuid;
using auditflow::alert::Alert;
namespace store = auditflow::store;

/// Replaces the actor by a pseudonym before an alert is stored, and leaves the raw event out.
/// Filters by actor go on working.
///
/// Thread safety: thread-safe, as the store behind it. That store must outlive it.
class PseudonymousAlertStore final : public store::AlertStore {
 public:
  PseudonymousAlertStore(store::AlertStore& inner, const Uuid& secret)
      : inner_(inner), secret_(secret) {}

  Result<std::vector<store::InsertResult>> Insert(std::span<const Alert> alerts) override {
    std::vector<Alert> hidden(alerts.begin(), alerts.end());
    for (Alert& alert : hidden) Hide(alert);
    return inner_.Insert(hidden);
  }
  Result<std::vector<store::StoredAlert>> List(const store::AlertQuery& query) override {
    return inner_.List(Hidden(query));
  }
  Result<std::optional<store::StoredAlert>> Get(const Uuid& alert_id) override {
    return inner_.Get(alert_id);
  }
  Result<std::uint64_t> Count(const store::AlertQuery& query) override {
    return inner_.Count(Hidden(query));
  }
  Result<std::vector<store::FacetCount>> CountBy(store::AlertFacet facet,
                                                 const store::AlertQuery& query) override {
    return inner_.CountBy(facet, Hidden(query));
  }
  Result<store::StoredAlert> SetStatus(const Uuid& alert_id, store::AlertStatus status,
                                       const store::ChangeNote& note) override {
    return inner_.SetStatus(alert_id, status, note);
  }
  Result<store::StoredAlert> Delete(const Uuid& alert_id, const store::ChangeNote& note) override {
    return inner_.Delete(alert_id, note);
  }
  Result<std::vector<store::AlertState>> History(const Uuid& alert_id) override {
    return inner_.History(alert_id);
  }
  Status Ping() override { return inner_.Ping(); }

 private:
  [[nodiscard]] std::string Pseudonym(const std::string& name) const {
    return name.empty() ? name : Uuid::V5(secret_, name).ToString();
  }
  void Hide(Alert& alert) const {
    alert.triggered_by.actor_id = Pseudonym(alert.triggered_by.actor_id);
    alert.description = alert.analysis_rule.rule_name;
    alert.metadata.extra_json.clear();
    alert.raw_event_data = "{}";
  }
  [[nodiscard]] store::AlertQuery Hidden(store::AlertQuery query) const {
    query.actor_id = Pseudonym(query.actor_id);
    return query;
  }

  store::AlertStore& inner_;
  const Uuid secret_;
};

Alert MakeExampleAlert(const Uuid& id) {
  Alert alert;
  alert.alert_id = id;
  alert.correlation_id = id;
  alert.timestamp = auditflow::Timestamp::FromUnixNanos(1'795'168'800'000'000'000);
  alert.alert_name = "Sensitive File Modification Detected";
  alert.alert_type = "SECURITY";
  alert.severity = "CRITICAL";
  alert.description = "User 'attacker_bob' modified a sensitive file.";
  alert.analysis_rule.rule_name = "Sensitive File Modification Detection";
  alert.triggered_by = {"USER", "attacker_bob", "N/A"};
  alert.raw_event_data = R"({"user_id":"attacker_bob"})";
  return alert;
}

}  // namespace

int main() {
  const Result<Uuid> id = Uuid::Parse("a75a8d29-d2d4-42eb-bf3e-bb61047853b0");
  const Result<Uuid> secret = Uuid::Parse("2f0c4a3e-5d1b-4f6a-9c27-0b8e7d6a5f41");
  if (!id || !secret) return 1;

  store::InMemoryAlertStore database;
  PseudonymousAlertStore alerts(database, *secret);

  // Twice: the store keeps an alert_id once, whatever stands in front of it.
  const std::vector<Alert> batch = {MakeExampleAlert(*id), MakeExampleAlert(*id)};
  const auto inserted = alerts.Insert(batch);
  if (!inserted) {
    std::puts(inserted.error().ToString().c_str());
    return 1;
  }
  const auto found = alerts.List({.actor_id = "attacker_bob"});
  if (!found || found->size() != 1) return 1;
  const std::string stored = auditflow::alert::ToJson(found->front().alert);
  std::puts(stored.c_str());
  return stored.find("attacker_bob") == std::string::npos ? 0 : 1;
}
