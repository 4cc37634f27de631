#include "tests/redis/redis_server.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/redis/connection.hpp"

namespace auditflow::redis {
namespace {

namespace fs = std::filesystem;

pid_t Spawn(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDOUT_FILENO);
  ::dup2(null, STDERR_FILENO);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

std::unique_ptr<RedisServer> RedisServer::Start(const std::vector<std::string>& arguments) {
  std::unique_ptr<RedisServer> server(new RedisServer);
  std::string name = "/tmp/auditflow-redis-XXXXXX";  // a longer path would not fit a socket's name
  if (::mkdtemp(name.data()) == nullptr) return nullptr;
  server->folder_ = name;
  server->arguments_ = arguments;
  if (server->Run()) return server;
  std::fputs("redis-server is missing or does not start (apt package redis-server)\n", stderr);
  return nullptr;
}

RedisServer::~RedisServer() {
  Stop(SIGKILL);
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

bool RedisServer::Run() {
  std::vector<std::string> command = {
      "redis-server", "--port", "0", "--unixsocket", socket(), "--dir", folder_, "--save", ""};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  process_ = Spawn(command);
  for (int i = 0; i < 400; ++i) {
    const std::string reply = Command({"PING"});
    if (reply == "PONG" || reply.starts_with("NOAUTH")) return true;
    if (::waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return false;
}

void RedisServer::Stop(int signal) {
  if (process_ <= 0) return;
  ::kill(process_, signal);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void RedisServer::Signal(int signal) const { ::kill(process_, signal); }

RedisOptions RedisServer::Options() {
  RedisOptions options;
  options.unix_socket = socket();
  options.key_prefix = "test" + std::to_string(++prefixes_) + ":";
  options.reconnect = {Duration(0), Duration(0)};
  return options;
}

std::string RedisServer::Command(const std::vector<std::string>& arguments) const {
  RedisOptions options;
  options.unix_socket = socket();
  auto connection = Connection::Open(options);
  if (!connection) {
    const std::string& message = connection.error().message();
    const std::size_t noauth = message.find("NOAUTH");
    return noauth == std::string::npos ? "ERROR " + message : message.substr(noauth);
  }
  const redis::Command command(arguments.begin(), arguments.end());
  auto replies = (*connection)->Run({&command, 1});
  if (!replies) return "ERROR " + replies.error().message();
  const Reply& reply = replies->front();
  return reply.kind == Reply::Kind::kInteger ? std::to_string(reply.integer) : reply.text;
}

RedisServer* SharedServer() {
  static const std::unique_ptr<RedisServer> kServer = RedisServer::Start();
  return kServer.get();
}

}  // namespace auditflow::redis
