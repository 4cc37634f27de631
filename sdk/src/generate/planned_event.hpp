#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "auditflow/core/random.hpp"

namespace auditflow::generate {

/// What the wire contract's table has a row for.
enum class Kind : unsigned char {
  kLoginFailure,
  kLogin,
  kSudo,
  kFile,
  kStarted,
  kStopped,
  kAccount
};
constexpr std::size_t kKinds = 7;

struct KindText {
  std::string_view event_type;
  std::string_view action_result;
  std::string_view severity;
};
const KindText& TextOf(Kind kind);

/// An event but for its id and time. Texts are JSON-safe and live for ever.
struct PlannedEvent {
  Kind kind = Kind::kLogin;
  std::string_view host = {};
  std::string_view user = {};
  std::string_view subject = {};  ///< command, path, unit or account
  std::string_view extra = {};    ///< tty or group; empty: drawn
  unsigned address = 0;           ///< last byte of 192.168.1.x; 0: drawn
};

constexpr std::array<std::string_view, 4> kHosts = {"prod-web-01", "prod-db-02", "dev-api-03",
                                                    "test-worker-04"};
constexpr std::array<std::string_view, 5> kUsers = {"devops_admin", "app_user", "guest_user",
                                                    "monitoring_agent", "attacker_bob"};

template <class Choices>
const auto& Pick(const Choices& choices, RandomSource& random) {
  return choices[static_cast<std::size_t>(random.Below(choices.size()))];
}

/// 192.168.1.100–200, as its last byte.
unsigned PickAddress(RandomSource& random);

/// Ordinary work of that kind.
PlannedEvent PlanBackground(Kind kind, RandomSource& random);

/// Appends one or two events in which the shipped rules find nothing. `may_fail`: one of them may
/// be a refused log-in. @return whether one is.
bool PlanQuiet(RandomSource& random, bool may_fail, std::deque<PlannedEvent>& plan);

/// Appends the `details` object.
void AppendDetails(const PlannedEvent& event, RandomSource& random, std::string& out);

}  // namespace auditflow::generate
