#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "auditflow/postgres/postgres_options.hpp"

namespace auditflow::postgres {

/// A PostgreSQL cluster of its own: made by initdb in a temporary folder, listening on a free port
/// of the loopback interface and on a socket in that folder, gone with the object. As root it runs
/// as the user postgres or nobody, since PostgreSQL refuses root.
class PostgresServer {
 public:
  /// Whether PostgreSQL's programs are not installed; says so.
  static bool IsMissing();
  /// Null, after saying why, if it does not start.
  static std::unique_ptr<PostgresServer> Start();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// Runs the server, and waits until it takes connections.
  bool Run();
  /// Ends it by a signal to its main process and waits: SIGKILL is a crash, SIGINT a fast stop.
  void Stop(int signal);
  /// SIGSTOP and SIGCONT for all of its processes.
  void SignalAll(int signal) const;

  [[nodiscard]] const std::filesystem::path& data() const { return data_; }
  /// As the superuser postgres, over TCP.
  [[nodiscard]] PostgresOptions Options(const std::string& database = "postgres") const;
  /// A new, empty database with a name of its own; every call another.
  PostgresOptions NewDatabase();
  /// Adds lines to a file of the data folder, such as pg_hba.conf. The server reads them at `Run`.
  void Configure(const std::string& file, const std::string& lines) const;
  void ReplaceFile(const std::string& file, const std::string& text) const;

 private:
  PostgresServer() = default;
  [[nodiscard]] std::vector<std::string> AsServer(std::vector<std::string> command) const;
  bool Prepare();
  bool Answers() const;

  std::filesystem::path programs_;
  std::filesystem::path folder_;
  std::filesystem::path data_;
  std::string user_;  ///< whom to run as; empty: oneself
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
  int databases_ = 0;
};

/// Runs SQL over a connection of its own. @return the first column of the first row, if any.
std::string RunSql(const PostgresOptions& options, const std::string& sql);

/// The program's own server: started by its first user, stopped at exit. Null as `Start`.
PostgresServer* SharedServer();

}  // namespace auditflow::postgres
