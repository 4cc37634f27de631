#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/redis/redis_options.hpp"

struct redisContext;

namespace auditflow::redis {

/// The words lie elsewhere, for as long as the command is used: they may be long.
using Command = std::vector<std::string_view>;

struct Reply {
  enum class Kind : std::uint8_t { kNil, kInteger, kText, kError, kArray };
  Kind kind = Kind::kNil;
  std::int64_t integer = 0;
  std::string text;  ///< also of errors
  std::vector<Reply> elements;
};

/// One connection. After any error it is dead, since the next reply could be that of an earlier
/// command; a reply that is an error is no such error.
///
/// Thread safety: thread-compatible.
class Connection {
 public:
  /// Connects, authenticates and selects the database.
  static Result<std::unique_ptr<Connection>> Open(const RedisOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Sends all commands at once. @return their replies in order.
  Result<std::vector<Reply>> Run(std::span<const Command> commands);

 private:
  explicit Connection(redisContext* context) : context_(context) {}
  Status Greet(const RedisOptions& options);

  redisContext* context_;
};

}  // namespace auditflow::redis
