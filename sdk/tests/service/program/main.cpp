// A service whose only work is a greeting.

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "auditflow/observe/logging.hpp"
#include "auditflow/service/application.hpp"

#include "embedded/openapi.hpp"

namespace auditflow {
namespace {

enum class StopMode { kAtOnce, kWhenReleased, kLeavesWork, kNever };

class Greeter final : public service::Application {
 public:
  void AddSettings(config::SettingTable& table) override {
    table.Section("Greeting")
        .Text("GREETING", greeting_, "What it says")
        .Hidden("GREETING_PASSWORD", password_, "Not for everybody")
        .Choice("STOP", stop_,
                {{"at-once", StopMode::kAtOnce},
                 {"when-released", StopMode::kWhenReleased},
                 {"leaves-work", StopMode::kLeavesWork},
                 {"never", StopMode::kNever}},
                "How it stops");
  }

  Status Build(service::Host& host) override {
    if (greeting_ == "none") return InvalidArgument("GREETING: there must be one");
    host.health().Register("greeter");
    host.SetHealthMembers([&host] {
      return api::HealthMembers{{"greeter_connected", host.health().IsUp("greeter")}};
    });
    health_ = &host.health();
    AddRoutes(host);
    return {};
  }

  void Start() override { health_->Set("greeter", true); }

  void Reload() override { observe::log::Info("greeter", "reloaded"); }

  Status Stop(Duration /*deadline*/) override {
    std::unique_lock lock(mutex_);
    if (stop_ == StopMode::kNever) changed_.wait(lock, [] { return false; });
    if (stop_ == StopMode::kWhenReleased) changed_.wait(lock, [this] { return released_; });
    if (stop_ == StopMode::kLeavesWork) return DeadlineExceeded("3 greetings are unfinished");
    return {};
  }

 private:
  void AddRoutes(service::Host& host) {
    http::Router& router = host.router();
    router.Get(
        "/greeting", [this](const http::Request&) { return Greeting(); }, "greeting:read");
    router.Put(
        "/greeting",
        [this](const http::Request& request) {
          {
            const std::scoped_lock lock(mutex_);
            greeting_ = request.caller + " says " + request.body;
          }
          return Greeting();
        },
        "greeting:write");
    router.Post("/release", [this](const http::Request&) {
      {
        const std::scoped_lock lock(mutex_);
        released_ = true;
      }
      changed_.notify_all();
      return http::Response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
    });
    router.Post("/fail", [&host](const http::Request&) {
      host.Fail(Internal("asked to fail"));
      return http::Response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
    });
    router.Get("/throw", [](const http::Request&) -> http::Response {
      throw std::runtime_error("a defect");
    });
  }

  http::Response Greeting() {
    const std::scoped_lock lock(mutex_);
    return http::Response::Text(200, greeting_);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string greeting_ = "hello";
  Secret password_{"secret"};
  StopMode stop_ = StopMode::kAtOnce;
  bool released_ = false;
  observe::HealthRegistry* health_ = nullptr;
};

}  // namespace
}  // namespace auditflow

int main(int argc, char** argv) {
  constexpr auditflow::service::ProgramInfo kInfo{.name = "greeter",
                                                  .summary = "Greets whoever asks.",
                                                  .version = AUDITFLOW_VERSION,
                                                  .open_api = auditflow::kOpenApi,
                                                  .default_port = 5000,
                                                  .default_metrics_port = 0};
  auditflow::Greeter greeter;
  return auditflow::service::Main(argc, argv, kInfo, greeter);
}
