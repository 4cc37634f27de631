#pragma once

#include <memory>
#include <string>

#include <pqxx/connection>
#include <pqxx/errorhandler>

#include "auditflow/core/result.hpp"

namespace auditflow::postgres {

/// One session with a server.
///
/// Thread safety: thread-compatible.
class Connection {
 public:
  /// Blocks for up to the connection string's timeout.
  /// @return kUnavailable, or what the server said.
  static Result<std::unique_ptr<Connection>> Open(const std::string& connection_string);

  [[nodiscard]] pqxx::connection& raw() { return connection_; }
  [[nodiscard]] int socket() const { return connection_.sock(); }
  /// Whether the connection was found lost; a server that went away may not have been noticed yet.
  [[nodiscard]] bool is_open() const { return connection_.is_open(); }

 private:
  explicit Connection(const std::string& connection_string);

  pqxx::connection connection_;
  pqxx::quiet_errorhandler quiet_{connection_};  ///< else notices go to standard error
};

}  // namespace auditflow::postgres
