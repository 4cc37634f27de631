#include "src/postgres/connection.hpp"

#include "src/postgres/postgres_error.hpp"

namespace auditflow::postgres {

Connection::Connection(const std::string& connection_string) : connection_(connection_string) {
  // Left alone, libpqxx 6 would silently go on with a new session in the place of a lost one.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection_.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& connection_string) {
  try {
    return std::unique_ptr<Connection>(new Connection(connection_string));
  } catch (...) {
    return Error(Understand(std::current_exception()).status);
  }
}

}  // namespace auditflow::postgres
