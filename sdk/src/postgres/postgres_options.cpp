#include "auditflow/postgres/postgres_options.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "src/postgres/conninfo.hpp"

namespace auditflow::postgres {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 6> kSslModes = {"disable", "allow",     "prefer",
                                                       "require", "verify-ca", "verify-full"};

/// The server keeps timeouts in milliseconds, as int.
constexpr Duration kLongestTimeout = milliseconds(std::numeric_limits<int>::max());

Status CheckText(std::string_view option, const std::string& value) {
  if (value.find('\0') == std::string::npos) return Status();
  return InvalidArgument(std::string(option) + ": contains a NUL character");
}

Status CheckTexts(const PostgresOptions& options) {
  const std::array<std::pair<std::string_view, const std::string*>, 8> texts = {
      {{"host", &options.host},
       {"database", &options.database},
       {"user", &options.user},
       {"password", &options.password.Reveal()},
       {"ssl_root_cert", &options.ssl_root_cert},
       {"ssl_cert", &options.ssl_cert},
       {"ssl_key", &options.ssl_key},
       {"application_name", &options.application_name}}};
  for (const auto& [option, value] : texts) {
    Status status = CheckText(option, *value);
    if (!status.ok()) return status;
  }
  return Status();
}

Status CheckTimeouts(const PostgresOptions& options) {
  const std::array<std::pair<std::string_view, Duration>, 8> timeouts = {
      {{"connect_timeout", options.connect_timeout},
       {"acquire_timeout", options.acquire_timeout},
       {"statement_timeout", options.statement_timeout},
       {"lock_timeout", options.lock_timeout},
       {"stall_grace", options.stall_grace},
       {"migration_timeout", options.migration_timeout},
       {"health_interval", options.health_interval},
       {"refused_retry", options.refused_retry}}};
  for (const auto& [option, value] : timeouts) {
    if (value < milliseconds(1) || value > kLongestTimeout) {
      return InvalidArgument(std::string(option) + ": must be from 1ms to 24 days");
    }
  }
  return Status();
}

void Add(std::string& text, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  if (!text.empty()) text += ' ';
  text.append(key).append("='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  text += '\'';
}

std::string Milliseconds(Duration d) {
  return std::to_string(std::chrono::ceil<milliseconds>(d).count());
}

std::string SessionSettings(const PostgresOptions& options) {
  return "-c statement_timeout=" + Milliseconds(options.statement_timeout) +
         " -c lock_timeout=" + Milliseconds(options.lock_timeout) +
         " -c idle_in_transaction_session_timeout=" +
         Milliseconds(options.statement_timeout + options.stall_grace) +
         " -c timezone=UTC -c datestyle=ISO -c standard_conforming_strings=on";
}

}  // namespace

Status Validate(const PostgresOptions& options) {
  if (options.host.empty()) return InvalidArgument("host: is empty");
  if (options.port == 0) return InvalidArgument("port: is 0");
  if (options.database.empty()) return InvalidArgument("database: is empty");
  if (options.user.empty()) return InvalidArgument("user: is empty");
  if (options.max_connections == 0) return InvalidArgument("max_connections: is 0");
  if (std::find(kSslModes.begin(), kSslModes.end(), options.ssl_mode) == kSslModes.end()) {
    return InvalidArgument(
        "ssl_mode: is none of disable, allow, prefer, require, verify-ca and "
        "verify-full");
  }
  Status status = CheckTexts(options);
  return status.ok() ? CheckTimeouts(options) : status;
}

std::string Describe(const PostgresOptions& options) {
  return "postgresql://" + options.user + "@" + options.host + ":" + std::to_string(options.port) +
         "/" + options.database;
}

std::string ConnectionString(const PostgresOptions& options) {
  using std::chrono::seconds;
  std::string text;
  Add(text, "host", options.host);
  Add(text, "port", std::to_string(options.port));
  Add(text, "dbname", options.database);
  Add(text, "user", options.user);
  Add(text, "password", options.password.Reveal());
  Add(text, "sslmode", options.ssl_mode);
  Add(text, "sslrootcert", options.ssl_root_cert);
  Add(text, "sslcert", options.ssl_cert);
  Add(text, "sslkey", options.ssl_key);
  Add(text, "application_name", options.application_name);
  Add(text, "client_encoding", "UTF8");
  // libpq knows whole seconds and takes 1 as 2.
  const auto connect = std::chrono::ceil<seconds>(options.connect_timeout).count();
  Add(text, "connect_timeout", std::to_string(std::max<std::int64_t>(2, connect)));
  // A standby that has not been promoted is no use.
  Add(text, "target_session_attrs", "read-write");
  Add(text, "keepalives_idle", "30");
  Add(text, "keepalives_interval", "10");
  Add(text, "keepalives_count", "3");
  Add(text, "tcp_user_timeout", "30000");
  Add(text, "options", SessionSettings(options));
  return text;
}

}  // namespace auditflow::postgres
