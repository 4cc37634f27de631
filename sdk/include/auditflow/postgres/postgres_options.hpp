#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "auditflow/core/backoff.hpp"
#include "auditflow/core/secret.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow::postgres {

/// Whether the database can be used.
struct PostgresHealth {
  bool up = false;
  Timestamp since;     ///< of the last change between up and down
  std::string reason;  ///< why it is down, or a remark; never a secret
};

/// What a pool of connections did so far, and has now.
struct PoolStatistics {
  std::size_t max_connections = 0;
  std::size_t in_use = 0;       ///< now, or being opened for a caller
  std::size_t idle = 0;         ///< now
  std::size_t waiting = 0;      ///< callers who wait for a connection now
  std::uint64_t opened = 0;     ///< connections that came about
  std::uint64_t failed = 0;     ///< that did not
  std::uint64_t lost = 0;       ///< that broke while they were used
  std::uint64_t waits = 0;      ///< calls that had to wait for a connection
  std::uint64_t timed_out = 0;  ///< of these, calls that got none within `acquire_timeout`
  Duration waited{0};           ///< all waits together
};

/// How to reach a database, and how long to wait for it.
struct PostgresOptions {
  /// Name, address, or the folder of a Unix socket; several, separated by commas, are tried in
  /// order until one accepts writes.
  std::string host = "localhost";
  std::uint16_t port = 5432;
  std::string database = "postgres";
  std::string user = "postgres";
  Secret password = {};
  /// libpq's: disable, allow, prefer, require, verify-ca or verify-full.
  std::string ssl_mode = "prefer";
  std::string ssl_root_cert = {};  ///< file; libpq's default if empty, as the two below
  std::string ssl_cert = {};
  std::string ssl_key = {};
  std::string application_name = "auditflow";

  std::size_t max_connections = 4;
  Duration connect_timeout = std::chrono::seconds(5);     ///< per host, rounded up to seconds
  Duration acquire_timeout = std::chrono::seconds(5);     ///< for a connection of the pool
  Duration statement_timeout = std::chrono::seconds(10);  ///< for one statement, kept by the server
  Duration lock_timeout = std::chrono::seconds(5);  ///< within a statement, for another's lock
  /// A server that does not answer for this much longer than its own timeout counts as gone.
  Duration stall_grace = std::chrono::seconds(5);
  Duration migration_timeout = std::chrono::minutes(30);  ///< for one statement of a migration

  /// How often an idle database is asked whether it is still there.
  Duration health_interval = std::chrono::seconds(10);
  BackoffOptions reconnect = {};  ///< after a lost connection, for ever
  /// After a refusal that does not pass by itself, such as a wrong password.
  Duration refused_retry = std::chrono::seconds(30);
  /// Off: no thread is started and nothing is connected before `Connect` is called.
  bool connect_at_once = true;
  /// Off: the tables are somebody else's task, and used as they are.
  bool migrate = true;
  /// Told of each change between up and down and of each new reason, by threads of the store, one
  /// at a time. Must not call the store.
  std::function<void(const PostgresHealth&)> on_health = {};
};

/// @return kInvalidArgument naming the option and what is wrong with it.
Status Validate(const PostgresOptions& options);

/// "postgresql://user@host:port/database", for messages.
std::string Describe(const PostgresOptions& options);

}  // namespace auditflow::postgres
