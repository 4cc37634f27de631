#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow::observe {

/// Whether the service can do its work without the component.
enum class Criticality : std::uint8_t {
  kCritical,       ///< down makes the service not ready
  kInformational,  ///< reported only
};

struct ComponentHealth {
  std::string name;
  Criticality criticality = Criticality::kCritical;
  bool up = false;
  Timestamp since;     ///< wall time of the last change between up and down
  std::string reason;  ///< why it is down, or a remark; empty if there is nothing to say
};

/// Which parts of a service work, since when, and if not, why not.
///
/// A component is down until it is first set up. The registry is meant for a handful of components
/// whose names the program chooses, not for names from input.
///
/// Thread safety: thread-safe. `clock` must outlive the registry.
class HealthRegistry {
 public:
  explicit HealthRegistry(const Clock& clock = SystemClock()) : clock_(clock) {}

  /// Adds a component that is down with the reason "starting". A name that is already there keeps
  /// its state and takes the new criticality.
  void Register(std::string_view name, Criticality criticality = Criticality::kCritical);

  /// Sets the component's state; a name never registered is added as critical.
  /// @return true if that changed between up and down, so that a caller can log transitions only.
  bool Set(std::string_view name, bool up, std::string_view reason = {});

  /// From now on the service is not ready, whatever its components say; for shutdown.
  void Drain();

  /// False for a name that is not registered.
  [[nodiscard]] bool IsUp(std::string_view name) const;
  /// All critical components are up and the service is not draining. True when nothing is
  /// registered.
  [[nodiscard]] bool Ready() const;
  /// Sorted by name.
  [[nodiscard]] std::vector<ComponentHealth> Snapshot() const;

  /// `{"status":"healthy"|"unhealthy","components":{"redis":{"up":false,"critical":true,
  /// "since":"…","reason":"…"}}}`; `reason` only where there is one. While draining the status is
  /// "unhealthy", which every client knows, and `"draining":true` stands behind it. Always valid
  /// UTF-8.
  [[nodiscard]] std::string ToJson() const;

 private:
  ComponentHealth& FindOrAdd(std::string_view name, Criticality criticality);
  [[nodiscard]] bool ReadyLocked() const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, ComponentHealth, std::less<>> components_;
  bool draining_ = false;
};

}  // namespace auditflow::observe
