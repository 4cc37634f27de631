#include "src/redis/connection.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>

#include <hiredis/hiredis.h>
#include <pthread.h>
#include <sys/time.h>

namespace auditflow::redis {
namespace {

/// hiredis writes to sockets without MSG_NOSIGNAL: a server that is gone would end the process.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoSigpipe() {
    const timespec now{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

timeval ToTimeval(Duration duration) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  timeval value{};
  value.tv_sec = static_cast<time_t>(micros / 1'000'000);
  value.tv_usec = static_cast<suseconds_t>(micros % 1'000'000);
  return value;
}

Reply Convert(const redisReply& reply) {
  Reply converted;
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      converted.kind = Reply::Kind::kInteger;
      converted.integer = reply.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      converted.kind = Reply::Kind::kText;
      converted.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ERROR:
      converted.kind = Reply::Kind::kError;
      converted.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ARRAY:
      converted.kind = Reply::Kind::kArray;
      for (std::size_t i = 0; i < reply.elements; ++i) {
        converted.elements.push_back(Convert(*reply.element[i]));
      }
      break;
    default:
      break;
  }
  return converted;
}

Status Broken(const redisContext& context) {
  // A timeout shows as EAGAIN.
  if (context.err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return Unavailable("redis: no answer in time");
  }
  return Unavailable(std::string("redis: ") + context.errstr);
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::Open(const RedisOptions& options) {
  const NoSigpipe guard;
  const timeval timeout = ToTimeval(options.connect_timeout);
  redisContext* const context =
      options.unix_socket.empty()
          ? redisConnectWithTimeout(options.host.c_str(), options.port, timeout)
          : redisConnectUnixWithTimeout(options.unix_socket.c_str(), timeout);
  if (context == nullptr) return Error(ResourceExhausted("redis: out of memory"));
  std::unique_ptr<Connection> connection(new Connection(context));
  if (context->err != 0) return Error(Broken(*context));
  if (options.unix_socket.empty()) redisEnableKeepAlive(context);
  if (redisSetTimeout(context, ToTimeval(options.command_timeout)) != REDIS_OK) {
    return Error(Broken(*context));
  }
  if (Status status = connection->Greet(options); !status.ok()) return Error(std::move(status));
  return connection;
}

Connection::~Connection() {
  const NoSigpipe guard;
  redisFree(context_);
}

Status Connection::Greet(const RedisOptions& options) {
  std::vector<Command> commands;
  if (!options.password.empty()) {
    Command auth = {"AUTH"};
    if (!options.username.empty()) auth.push_back(options.username);
    auth.push_back(options.password.Reveal());
    commands.push_back(std::move(auth));
  }
  const std::string database = std::to_string(options.database);
  if (options.database != 0) commands.push_back({"SELECT", database});
  commands.push_back({"PING"});
  auto replies = Run(commands);
  if (!replies) return replies.error();
  for (std::size_t i = 0; i < replies->size(); ++i) {
    const Reply& reply = (*replies)[i];
    if (reply.kind != Reply::Kind::kError) continue;
    return Unavailable("redis: " + std::string(commands[i].front()) + " refused: " + reply.text);
  }
  return {};
}

Result<std::vector<Reply>> Connection::Run(std::span<const Command> commands) {
  const NoSigpipe guard;
  std::vector<const char*> arguments;
  std::vector<std::size_t> sizes;
  for (const Command& command : commands) {
    arguments.clear();
    sizes.clear();
    for (const std::string_view argument : command) {
      arguments.push_back(argument.data());
      sizes.push_back(argument.size());
    }
    if (redisAppendCommandArgv(context_, static_cast<int>(arguments.size()), arguments.data(),
                               sizes.data()) != REDIS_OK) {
      return Error(Broken(*context_));
    }
  }
  std::vector<Reply> replies;
  replies.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    void* raw = nullptr;
    if (redisGetReply(context_, &raw) != REDIS_OK) return Error(Broken(*context_));
    replies.push_back(Convert(*static_cast<redisReply*>(raw)));
    freeReplyObject(raw);
  }
  return replies;
}

}  // namespace auditflow::redis
