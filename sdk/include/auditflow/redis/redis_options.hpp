#pragma once

#include <cstdint>
#include <string>

#include "auditflow/core/backoff.hpp"
#include "auditflow/core/secret.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow::redis {

/// Where a Redis server (6.2 or later) is and how it is used. hiredis 0.14 knows no TLS: put a
/// TLS tunnel (stunnel, say) on this host and its socket or port here.
struct RedisOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string unix_socket;  ///< instead of host and port, if not empty
  std::string username;     ///< of an ACL user; empty: the default user
  Secret password;
  std::uint32_t database = 0;
  /// In front of all keys. Programs with the same prefix and the same rules share windows.
  std::string key_prefix = "auditflow:";
  Duration connect_timeout = std::chrono::seconds(2);
  /// For all that one round trip waits for.
  Duration command_timeout = std::chrono::seconds(5);
  BackoffOptions reconnect;
  /// How much longer than timespan and lateness, by Redis's clock, a silent group is kept: what a
  /// backlog may be behind the time at which it was to be worked on.
  Duration retention = std::chrono::hours(24);
  /// What a program released without saying since then that it is dealt with
  /// (`WindowStore::Settle`) is given to another program.
  Duration release_lease = std::chrono::seconds(30);
};

/// @return kInvalidArgument naming the option that is wrong. Never holds the password.
Status Validate(const RedisOptions& options);

/// A connection as it is at one moment, and what happened to it.
struct RedisHealth {
  bool up = false;
  Timestamp since;                 ///< wall time of the last change between up and down
  std::string reason;              ///< why it is down, or that state was lost; never holds a secret
  std::uint64_t connections = 0;   ///< how often one was made
  std::uint64_t failures = 0;      ///< attempts and connections that failed
  std::uint64_t script_loads = 0;  ///< because Redis had forgotten the scripts
  std::uint64_t state_losses = 0;  ///< how often all state was found to be gone
  std::uint64_t groups_lost = 0;   ///< windows that were gone before their time
  Timestamp last_state_loss;       ///< the default value: never
};

}  // namespace auditflow::redis
