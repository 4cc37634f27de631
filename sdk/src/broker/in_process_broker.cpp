#include "auditflow/broker/in_process_broker.hpp"

#include "src/broker/broker_state.hpp"

namespace auditflow::broker {

Queue& BrokerState::Named(const std::string& name) {
  std::unique_ptr<Queue>& queue = queues[name];
  if (!queue) queue = std::make_unique<Queue>(name, options);
  return *queue;
}

const Queue* BrokerState::FirstBusy() const {
  for (const auto& [name, queue] : queues) {
    if (queue->consumers > 0 && !queue->IsIdle()) return queue.get();
  }
  return nullptr;
}

void BrokerState::Close() {
  closed = true;
  for (const auto& [name, queue] : queues) {
    queue->readable.NotifyAll();
    queue->writable.NotifyAll();
  }
  settled.NotifyAll();
}

struct InProcessBroker::Impl : BrokerState {
  using BrokerState::BrokerState;
};

InProcessBroker::InProcessBroker(InProcessBrokerOptions options, Clock& clock)
    : impl_(std::make_shared<Impl>(options, clock)) {}

InProcessBroker::~InProcessBroker() { (void)Shutdown(Duration::zero()); }

std::unique_ptr<Publisher> InProcessBroker::NewPublisher(const std::string& queue) {
  return MakeInProcessPublisher(impl_, queue);
}

std::unique_ptr<Consumer> InProcessBroker::NewConsumer(const std::string& queue) {
  return MakeInProcessConsumer(impl_, queue);
}

InProcessBroker::QueueStatistics InProcessBroker::Statistics(const std::string& queue) const {
  const std::lock_guard lock(impl_->mutex);
  const auto at = impl_->queues.find(queue);
  return at == impl_->queues.end() ? QueueStatistics() : at->second->Statistics();
}

Status InProcessBroker::Shutdown(Duration deadline) {
  std::unique_lock lock(impl_->mutex);
  const Duration end = DeadlineAfter(impl_->clock, deadline);
  const Queue* busy = impl_->FirstBusy();
  while (busy != nullptr && !impl_->closed && impl_->clock.Monotonic() < end) {
    impl_->settled.Wait(lock, impl_->clock, end);
    busy = impl_->FirstBusy();
  }
  impl_->Close();
  if (busy == nullptr) return Status();
  const QueueStatistics left = busy->Statistics();
  return DeadlineExceeded("queue " + busy->name() + " still holds " +
                          std::to_string(left.ready + left.unsettled) + " messages");
}

}  // namespace auditflow::broker
