#include "auditflow/redis/redis_windows.hpp"

#include <string>
#include <utility>

#include "src/redis/client.hpp"
#include "src/redis/window_store.hpp"

namespace auditflow::redis {
namespace {

constexpr std::size_t kMaxSocketPath = 107;

class ClientWindows final : public RedisWindows {
 public:
  ClientWindows(const RedisOptions& options, Clock& clock, std::unique_ptr<RandomSource> random)
      : client_(std::make_shared<Client>(options, clock, std::move(random))) {}

  std::unique_ptr<correlate::WindowStore> NewStore(std::vector<correlate::WindowSpec> specs,
                                                   Duration allowed_lateness,
                                                   const correlate::WindowLimits& limits) override {
    return std::make_unique<RedisWindowStore>(client_, std::move(specs), allowed_lateness, limits);
  }

  Status Ping() override {
    auto replies = client_->Run({});
    return replies ? Status() : replies.error();
  }

  [[nodiscard]] RedisHealth Health() const override { return client_->Health(); }

 private:
  std::shared_ptr<Client> client_;
};

}  // namespace

Status Validate(const RedisOptions& options) {
  const auto bad = [](const char* what) { return InvalidArgument(std::string("redis: ") + what); };
  if (options.unix_socket.size() > kMaxSocketPath) return bad("unix_socket: longer than 107 bytes");
  if (options.unix_socket.empty()) {
    if (options.host.empty()) return bad("host: empty");
    if (options.port == 0) return bad("port: 0");
  }
  for (const std::string* text : {&options.host, &options.unix_socket}) {
    if (text->find('\0') != std::string::npos) return bad("host or unix_socket: holds a NUL");
  }
  if (!options.username.empty() && options.password.empty()) {
    return bad("username: without a password");
  }
  if (options.key_prefix.find_first_of("{}") != std::string::npos) {
    return bad("key_prefix: braces would spoil the hash tags of keys");
  }
  if (options.connect_timeout < std::chrono::milliseconds(1))
    return bad("connect_timeout: too short");
  if (options.command_timeout < std::chrono::milliseconds(1))
    return bad("command_timeout: too short");
  if (options.connect_timeout > std::chrono::hours(1)) return bad("connect_timeout: too long");
  if (options.command_timeout > std::chrono::hours(1)) return bad("command_timeout: too long");
  if (options.retention.count() < 0) return bad("retention: negative");
  if (options.release_lease.count() < 0) return bad("release_lease: negative");
  return {};
}

Result<std::shared_ptr<RedisWindows>> RedisWindows::Create(const RedisOptions& options,
                                                           Clock& clock,
                                                           std::unique_ptr<RandomSource> random) {
  if (Status status = Validate(options); !status.ok()) return Error(std::move(status));
  return std::make_shared<ClientWindows>(options, clock, std::move(random));
}

}  // namespace auditflow::redis
