#include "src/generate/planned_event.hpp"

#include <cstdint>

namespace auditflow::generate {
namespace {

using Texts = std::array<std::string_view, 5>;

constexpr std::array<KindText, kKinds> kKindTexts = {{
    {"user_login", "FAILURE", "WARNING"},
    {"user_login", "SUCCESS", "INFO"},
    {"sudo_command", "SUCCESS", "INFO"},
    {"file_modified", "MODIFIED", "CRITICAL"},
    {"service_status_change", "STARTED", "INFO"},
    {"service_status_change", "STOPPED", "WARNING"},
    {"user_account_management", "CREATED", "INFO"},
}};

constexpr Texts kCommands = {"apt-get update", "systemctl status nginx", "ls -la /opt/app",
                             "journalctl -u nginx -n 50", "df -h"};
constexpr Texts kPaths = {"/etc/passwd", "/var/log/nginx/access.log", "/opt/app/config.json",
                          "/root/.ssh/authorized_keys", "/var/www/html/index.php"};
constexpr Texts kUnits = {"nginx.service", "postgresql.service", "redis-server.service",
                          "cron.service", "app-worker.service"};
constexpr Texts kAccounts = {"new_dev", "contractor1", "svc_backup", "jdoe", "intern_amy"};
constexpr std::array<std::string_view, 3> kGroups = {"users", "developers", "www-data"};
constexpr std::array<std::string_view, 3> kReasons = {"Incorrect password", "Unknown user",
                                                      "Account locked"};
constexpr std::array<std::string_view, 2> kProtocols = {"ssh", "console"};

// Of a quiet day: nothing that a rule minds, and every service on a host of its own.
constexpr std::array<Kind, 12> kQuietWork = {
    Kind::kLogin, Kind::kLogin, Kind::kLogin, Kind::kLogin, Kind::kLogin,   Kind::kLogin,
    Kind::kSudo,  Kind::kSudo,  Kind::kSudo,  Kind::kFile,  Kind::kStopped, Kind::kAccount};
constexpr std::array<std::string_view, 2> kQuietPaths = {"/var/log/nginx/access.log",
                                                         "/opt/app/config.json"};
constexpr std::array<std::string_view, kHosts.size()> kUnitOfHost = {
    "nginx.service", "postgresql.service", "app-worker.service", "cron.service"};
constexpr std::uint64_t kLoginsPerMistake = 20;

class DetailsWriter {
 public:
  explicit DetailsWriter(std::string& out) : out_(out) { out_ += '{'; }
  ~DetailsWriter() { out_ += '}'; }
  DetailsWriter(const DetailsWriter&) = delete;
  DetailsWriter& operator=(const DetailsWriter&) = delete;

  std::string& Key(std::string_view key) {
    if (out_.back() != '{') out_ += ',';
    return out_.append(1, '"').append(key).append("\":");
  }
  void Text(std::string_view key, std::string_view text) {
    Key(key).append(1, '"').append(text).append(1, '"');
  }

 private:
  std::string& out_;
};

void AppendHex(std::uint64_t value, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (unsigned shift = 64; shift > 0; shift -= 4) out += kDigits[(value >> (shift - 4)) & 0xfU];
}

void LoginDetails(const PlannedEvent& event, RandomSource& random, DetailsWriter& details) {
  if (event.kind == Kind::kLoginFailure) details.Text("reason", Pick(kReasons, random));
  const unsigned address = event.address != 0 ? event.address : PickAddress(random);
  details.Key("ip_address").append("\"192.168.1.").append(std::to_string(address)).append(1, '"');
  details.Text("protocol", event.address != 0 ? kProtocols[0] : Pick(kProtocols, random));
}

void SudoDetails(const PlannedEvent& event, RandomSource& random, DetailsWriter& details) {
  constexpr std::array<std::string_view, 3> kTerminals = {"pts/0", "pts/1", "tty1"};
  details.Text("command", event.subject);
  details.Text("tty", event.extra.empty() ? Pick(kTerminals, random) : event.extra);
  details.Key("cwd").append("\"/home/").append(event.user).append(1, '"');
}

void FileDetails(const PlannedEvent& event, RandomSource& random, DetailsWriter& details) {
  details.Text("resource", event.subject);
  for (const std::string_view key : {"old_checksum", "new_checksum"}) {
    std::string& out = details.Key(key).append(1, '"');
    AppendHex(random.Next(), out);
    out += '"';
  }
  const auto change = static_cast<std::int64_t>(random.Below(2001)) - 1000;
  details.Key("size_change_bytes").append(std::to_string(change));
}

void ServiceDetails(const PlannedEvent& event, DetailsWriter& details) {
  const bool started = event.kind == Kind::kStarted;
  details.Text("resource", event.subject);
  details.Text("previous_state", started ? "stopped" : "running");
  details.Key("message")
      .append("\"Service ")
      .append(event.subject)
      .append(started ? " started\"" : " stopped\"");
}

void AccountDetails(const PlannedEvent& event, RandomSource& random, DetailsWriter& details) {
  details.Text("resource", event.subject);
  details.Text("group", event.extra.empty() ? Pick(kGroups, random) : event.extra);
  details.Key("home_directory").append("\"/home/").append(event.subject).append(1, '"');
}

}  // namespace

const KindText& TextOf(Kind kind) { return kKindTexts[static_cast<std::size_t>(kind)]; }

unsigned PickAddress(RandomSource& random) {
  return 100U + static_cast<unsigned>(random.Below(101));
}

PlannedEvent PlanBackground(Kind kind, RandomSource& random) {
  PlannedEvent event{.kind = kind, .host = Pick(kHosts, random), .user = Pick(kUsers, random)};
  if (kind == Kind::kSudo) event.subject = Pick(kCommands, random);
  if (kind == Kind::kFile) event.subject = Pick(kPaths, random);
  if (kind == Kind::kStarted || kind == Kind::kStopped) event.subject = Pick(kUnits, random);
  if (kind == Kind::kAccount) event.subject = Pick(kAccounts, random);
  return event;
}

bool PlanQuiet(RandomSource& random, bool may_fail, std::deque<PlannedEvent>& plan) {
  PlannedEvent event = PlanBackground(Pick(kQuietWork, random), random);
  bool fails = false;
  if (event.kind == Kind::kLogin) {
    fails = random.Below(kLoginsPerMistake) == 0 && may_fail;
    event.address = PickAddress(random);
    if (fails) {
      plan.push_back(event);
      plan.back().kind = Kind::kLoginFailure;
    }
  } else if (event.kind == Kind::kFile) {
    event.subject = Pick(kQuietPaths, random);
  } else if (event.kind == Kind::kStopped) {
    const auto host = static_cast<std::size_t>(random.Below(kHosts.size()));
    event.host = kHosts[host];
    event.subject = kUnitOfHost[host];
    plan.push_back(event);
    event.kind = Kind::kStarted;
  }
  plan.push_back(event);
  return fails;
}

void AppendDetails(const PlannedEvent& event, RandomSource& random, std::string& out) {
  DetailsWriter details(out);
  switch (event.kind) {
    case Kind::kLoginFailure:
    case Kind::kLogin:
      return LoginDetails(event, random, details);
    case Kind::kSudo:
      return SudoDetails(event, random, details);
    case Kind::kFile:
      return FileDetails(event, random, details);
    case Kind::kStarted:
    case Kind::kStopped:
      return ServiceDetails(event, details);
    case Kind::kAccount:
      return AccountDetails(event, random, details);
  }
}

}  // namespace auditflow::generate
