#include "auditflow/service/host.hpp"

#include <utility>

namespace auditflow::service {

Host::Host(HostOptions options, Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      health_(clock),
      router_(std::make_shared<http::Router>()) {
  health_options_.service = options_.service_name;
}

Host::~Host() = default;

void Host::Fail(const Status& why) {
  std::function<void(const Status&)> action;
  {
    const std::scoped_lock lock(mutex_);
    if (!failure_.ok()) return;
    failure_ = why.ok() ? Internal("the service cannot go on") : why;
    action = on_failure_;
  }
  observe::log::Error("service", "cannot go on", {{"reason", failure_.message()}});
  if (action) action(failure_);
}

void Host::OnFailure(const std::function<void(const Status&)>& action) {
  {
    const std::scoped_lock lock(mutex_);
    on_failure_ = action;
    if (failure_.ok()) return;
  }
  action(failure_);
}

}  // namespace auditflow::service
