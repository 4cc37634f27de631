#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "auditflow/redis/redis_options.hpp"

namespace auditflow::redis {

/// A redis-server of its own: on a socket in a temporary folder, gone with the object.
class RedisServer {
 public:
  /// Null, after saying why, if the program is missing or does not start.
  static std::unique_ptr<RedisServer> Start(const std::vector<std::string>& arguments = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  /// Runs it and waits until it takes connections.
  bool Run();
  /// Ends it by a signal and waits. SIGKILL is a crash.
  void Stop(int signal);
  void Signal(int signal) const;
  /// With a key prefix of its own per call.
  RedisOptions Options();
  /// Runs a command as a client of its own; the reply as text.
  std::string Command(const std::vector<std::string>& arguments) const;
  [[nodiscard]] std::string socket() const { return (folder_ / "redis.sock").string(); }

 private:
  RedisServer() = default;
  std::filesystem::path folder_;
  std::vector<std::string> arguments_;
  pid_t process_ = -1;
  int prefixes_ = 0;
};

/// The program's own server. Null as `Start`.
RedisServer* SharedServer();

}  // namespace auditflow::redis
