#include "tests/postgres/postgres_server.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/postgres/connection.hpp"
#include "src/postgres/conninfo.hpp"

namespace auditflow::postgres {
namespace {

namespace fs = std::filesystem;

fs::path FindPrograms() {
  const char* const chosen = std::getenv("AUDITFLOW_POSTGRES_BIN");
  if (chosen != nullptr) return chosen;
  fs::path newest;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    const fs::path programs = entry.path() / "bin";
    if (fs::exists(programs / "initdb") && programs > newest) newest = programs;
  }
  return newest;
}

std::uint16_t FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // Port 0 on failure, with which the server then does not start.
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) == 0) {
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  }
  ::close(socket);
  return ntohs(address.sin_port);
}

/// Starts a program whose output goes to `log`. It is told to stop should this process die.
pid_t Spawn(const std::vector<std::string>& command, const fs::path& log) {
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const std::string log_name = log.string();
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int output = ::open(log_name.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

int WaitFor(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string UserToRunAs() {
  if (::geteuid() != 0) return "";
  return ::getpwnam("postgres") != nullptr ? "postgres" : "nobody";
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<std::string> PostgresServer::AsServer(std::vector<std::string> command) const {
  // The kernel ends the server with us, however we end.
  std::vector<std::string> whole = {"setpriv", "--pdeathsig", "SIGQUIT"};
  if (!user_.empty()) {
    const passwd* const entry = ::getpwnam(user_.c_str());
    for (const std::string& argument :
         {std::string("--reuid"), user_, std::string("--regid"), std::to_string(entry->pw_gid),
          std::string("--clear-groups")}) {
      whole.push_back(argument);
    }
  }
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

bool PostgresServer::Prepare() {
  std::string name = "/tmp/auditflow-pg-XXXXXX";  // a longer path would not fit a socket's name
  if (::mkdtemp(name.data()) == nullptr) return false;
  folder_ = name;
  data_ = folder_ / "data";
  user_ = UserToRunAs();
  if (!user_.empty()) {
    const passwd* const entry = ::getpwnam(user_.c_str());
    if (::chown(name.c_str(), entry->pw_uid, entry->pw_gid) != 0) return false;
  }
  const int code = WaitFor(Spawn(
      AsServer({(programs_ / "initdb").string(), "--pgdata", data_.string(), "--username",
                "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"}),
      "/dev/null"));
  if (code != 0) return false;
  port_ = FreePort();
  Configure("postgresql.conf", "listen_addresses = '127.0.0.1'\nport = " + std::to_string(port_) +
                                   "\nunix_socket_directories = '" + folder_.string() +
                                   "'\nlog_min_messages = warning\nmax_connections = 60\n");
  return true;
}

bool PostgresServer::IsMissing() {
  if (fs::exists(FindPrograms() / "initdb")) return false;
  std::fputs("PostgreSQL's programs are missing (apt package postgresql-15)\n", stderr);
  return true;
}

std::unique_ptr<PostgresServer> PostgresServer::Start() {
  std::unique_ptr<PostgresServer> server(new PostgresServer);
  server->programs_ = FindPrograms();
  if (!server->Prepare() || !server->Run()) {
    std::fprintf(stderr, "PostgreSQL does not start here:\n%s\n",
                 ReadFile(server->folder_ / "log").c_str());
    return nullptr;
  }
  return server;
}

PostgresServer::~PostgresServer() {
  Stop(SIGQUIT);
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

bool PostgresServer::Run() {
  process_ =
      Spawn(AsServer({(programs_ / "postgres").string(), "-D", data_.string()}), folder_ / "log");
  for (int i = 0; i < 600; ++i) {
    if (Answers()) return true;
    if (::waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

bool PostgresServer::Answers() const {
  PostgresOptions options = Options();
  options.host = folder_.string();  // the socket, whatever the test did to TCP and its passwords
  return Connection::Open(ConnectionString(options)).has_value();
}

void PostgresServer::Stop(int signal) {
  if (process_ <= 0) return;
  ::kill(process_, signal);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void PostgresServer::SignalAll(int signal) const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string stat = ReadFile(entry.path() / "stat");
    const std::size_t behind_name = stat.rfind(')');
    if (behind_name == std::string::npos) continue;
    const int parent = std::atoi(stat.c_str() + behind_name + 4);
    if (parent == process_) ::kill(std::atoi(name.c_str()), signal);
  }
  ::kill(process_, signal);
}

PostgresOptions PostgresServer::Options(const std::string& database) const {
  PostgresOptions options;
  options.host = "127.0.0.1";
  options.port = port_;
  options.database = database;
  return options;
}

PostgresOptions PostgresServer::NewDatabase() {
  const std::string name = "test_" + std::to_string(++databases_);
  RunSql(Options(), "CREATE DATABASE " + name);
  return Options(name);
}

void PostgresServer::Configure(const std::string& file, const std::string& lines) const {
  std::ofstream(data_ / file, std::ios::app) << lines;
}

void PostgresServer::ReplaceFile(const std::string& file, const std::string& text) const {
  std::ofstream(data_ / file, std::ios::trunc) << text;
}

std::string RunSql(const PostgresOptions& options, const std::string& sql) {
  auto connection = Connection::Open(ConnectionString(options));
  if (!connection) return "ERROR " + connection.error().message();
  try {
    pqxx::nontransaction transaction((*connection)->raw());
    const pqxx::result rows = transaction.exec(sql);
    return rows.empty() ? "" : rows[0][0].c_str();
  } catch (const std::exception& error) {
    return std::string("ERROR ") + error.what();
  }
}

PostgresServer* SharedServer() {
  static const std::unique_ptr<PostgresServer> kServer = PostgresServer::Start();
  return kServer.get();
}

}  // namespace auditflow::postgres

// libpqxx 6.4 forgets the one result in which it learns that its connection is lost. We hold no
// results of libpq ourselves.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions() { return "leak:PQmakeEmptyPGresult\n"; }
