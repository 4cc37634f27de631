#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "auditflow/broker/in_process_broker.hpp"

#include "src/broker/queue.hpp"

namespace auditflow::broker {

/// What a broker, its publishers and its consumers share. One mutex guards all of it: each call
/// holds it only to move messages, and dead-lettering touches two queues at once.
struct BrokerState {
  BrokerState(const InProcessBrokerOptions& broker_options, Clock& broker_clock)
      : options(broker_options), clock(broker_clock) {}

  /// Requires the mutex. The queue lives as long as the state.
  Queue& Named(const std::string& name);
  /// Requires the mutex. A queue with a consumer that is not idle; null if there is none.
  [[nodiscard]] const Queue* FirstBusy() const;
  /// Requires the mutex. Ends every wait, and every later one.
  void Close();

  const InProcessBrokerOptions options;
  Clock& clock;
  std::mutex mutex;
  bool closed = false;
  std::map<std::string, std::unique_ptr<Queue>, std::less<>> queues;
  WaitList settled;  ///< told whenever a queue may have become idle
};

std::unique_ptr<Publisher> MakeInProcessPublisher(const std::shared_ptr<BrokerState>& state,
                                                  const std::string& queue);
std::unique_ptr<Consumer> MakeInProcessConsumer(const std::shared_ptr<BrokerState>& state,
                                                const std::string& queue);

}  // namespace auditflow::broker
