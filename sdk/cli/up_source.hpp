#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "auditflow/broker/broker.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"

#include "cli/up_options.hpp"

namespace auditflow::cli {

/// Where the events of `auditflow up` come from.
///
/// Thread safety: `Next` by one thread, the rest by any.
class EventSource {
 public:
  virtual ~EventSource() = default;
  /// The next event; nothing at the end, and once `stop` is requested.
  virtual std::optional<broker::Message> Next(const std::stop_token& stop) = 0;
  /// "generator, seed 7", "events.jsonl", "standard input".
  [[nodiscard]] virtual std::string Describe() const = 0;
  /// May `Next` wait for longer than a moment?
  [[nodiscard]] virtual bool live() const { return false; }
  /// How much of the input was no document.
  [[nodiscard]] virtual std::uint64_t rejected() const { return 0; }
  /// What ended it early, once it has ended.
  [[nodiscard]] virtual Status status() const { return {}; }
};

/// Events of the generator: a function of the seed, the start time, the rate and their number.
/// `rate`: of their timestamps, in events per second; 0: one each millisecond.
Result<std::unique_ptr<EventSource>> NewGeneratorSource(const UpOptions& options, double rate);

/// Documents of a file or of standard input. What is no document is reported with its place and
/// counted in `ledger` as rejected.
Result<std::unique_ptr<EventSource>> NewInputSource(const std::string& path,
                                                    observe::Ledger& ledger);

}  // namespace auditflow::cli
