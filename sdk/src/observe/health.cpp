#include "auditflow/observe/health.hpp"

#include <nlohmann/json.hpp>

namespace auditflow::observe {
namespace {

using Json = nlohmann::ordered_json;

Json ToJsonObject(const ComponentHealth& component) {
  Json json = {{"up", component.up},
               {"critical", component.criticality == Criticality::kCritical},
               {"since", component.since.ToString()}};
  if (!component.reason.empty()) json["reason"] = component.reason;
  return json;
}

}  // namespace

ComponentHealth& HealthRegistry::FindOrAdd(std::string_view name, Criticality criticality) {
  const auto found = components_.find(name);
  if (found != components_.end()) return found->second;
  ComponentHealth component{std::string(name), criticality, false, clock_.Now(), "starting"};
  return components_.emplace(component.name, component).first->second;
}

void HealthRegistry::Register(std::string_view name, Criticality criticality) {
  const std::scoped_lock lock(mutex_);
  FindOrAdd(name, criticality).criticality = criticality;
}

bool HealthRegistry::Set(std::string_view name, bool up, std::string_view reason) {
  const std::scoped_lock lock(mutex_);
  ComponentHealth& component = FindOrAdd(name, Criticality::kCritical);
  component.reason = reason;
  if (component.up == up) return false;
  component.up = up;
  component.since = clock_.Now();
  return true;
}

void HealthRegistry::Drain() {
  const std::scoped_lock lock(mutex_);
  draining_ = true;
}

bool HealthRegistry::IsUp(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = components_.find(name);
  return found != components_.end() && found->second.up;
}

bool HealthRegistry::ReadyLocked() const {
  if (draining_) return false;
  for (const auto& [name, component] : components_) {
    if (!component.up && component.criticality == Criticality::kCritical) return false;
  }
  return true;
}

bool HealthRegistry::Ready() const {
  const std::scoped_lock lock(mutex_);
  return ReadyLocked();
}

std::vector<ComponentHealth> HealthRegistry::Snapshot() const {
  const std::scoped_lock lock(mutex_);
  std::vector<ComponentHealth> snapshot;
  snapshot.reserve(components_.size());
  for (const auto& [name, component] : components_) snapshot.push_back(component);
  return snapshot;
}

std::string HealthRegistry::ToJson() const {
  const std::scoped_lock lock(mutex_);
  Json json;
  json["status"] = ReadyLocked() ? "healthy" : "unhealthy";
  if (draining_) json["draining"] = true;
  json["components"] = Json::object();
  for (const auto& [name, component] : components_) {
    json["components"][name] = ToJsonObject(component);
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace auditflow::observe
