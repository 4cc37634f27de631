#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/core/timestamp.hpp"

namespace auditflow::observe {

/// The content type of `Metrics::Render`.
inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/// A number that only grows. Thread safety: thread-safe, lock-free.
class Counter {
 public:
  /// Negative and NaN increments are ignored.
  void Increment(double by = 1);
  /// Follows a total that somebody else counts: adds what `total` is ahead of `Value()`, else
  /// nothing. One thread at a time per counter.
  void RaiseTo(double total);
  [[nodiscard]] double Value() const;

 private:
  friend class MetricsImpl;
  explicit Counter(void* metric) : metric_(metric) {}
  void* metric_;  // prometheus::Counter, owned by the registry
};

/// A number that goes up and down. Thread safety: thread-safe, lock-free.
class Gauge {
 public:
  void Set(double value);
  void Add(double by);
  [[nodiscard]] double Value() const;

 private:
  friend class MetricsImpl;
  explicit Gauge(void* metric) : metric_(metric) {}
  void* metric_;  // prometheus::Gauge, owned by the registry
};

/// A distribution in fixed buckets. Thread safety: thread-safe (a short lock).
class Histogram {
 public:
  void Observe(double value);
  /// In seconds, Prometheus's base unit.
  void Observe(Duration d) { Observe(std::chrono::duration<double>(d).count()); }

 private:
  friend class MetricsImpl;
  explicit Histogram(void* metric) : metric_(metric) {}
  void* metric_;  // prometheus::Histogram, owned by the registry
};

/// 100 µs to 60 s, three to a decade.
std::vector<double> LatencyBuckets();

struct FamilyOptions {
  std::vector<std::string> labels = {};
  /// Distinct label sets; beyond it values are replaced, see `Family`.
  std::size_t max_label_sets = 200;
  /// Those of `labels` whose values come from input and may be many. They are replaced first, so
  /// that an overflow keeps what the other labels say.
  std::vector<std::string> collapse_first = {};
};

/// The metrics of one name, told apart by label values.
///
/// Bounded: after `max_label_sets` distinct sets a new one has the values of `collapse_first`
/// replaced with "other"; after as many again of those, every value. Each replacement counts in
/// `auditflow_metrics_label_overflow_total{metric="…"}`. Label values are made safe to print:
/// invalid UTF-8 becomes U+FFFD, control characters '?', and what is longer than 128 bytes is cut.
///
/// Thread safety: thread-safe. `With` takes a lock and hashes the values: on a hot path keep the
/// reference, it is valid as long as the `Metrics`.
template <class Metric>
class Family {
 public:
  /// One value per label, in the order of `FamilyOptions::labels`; missing ones are empty, what is
  /// too much is ignored.
  Metric& With(std::initializer_list<std::string_view> values) {
    return With(std::span<const std::string_view>(values.begin(), values.size()));
  }
  Metric& With(std::span<const std::string_view> values);

  ~Family();
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

 private:
  friend class MetricsImpl;
  class Impl;
  explicit Family(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

using CounterFamily = Family<Counter>;
using GaugeFamily = Family<Gauge>;
using HistogramFamily = Family<Histogram>;

class MetricsImpl;

/// Keeps a callback of `Metrics` in use; without it what it says is gone from the output.
/// The destructor waits until a running call of the callback has returned, so do not destroy it
/// from inside the callback. It may outlive the `Metrics`.
class [[nodiscard]] MetricCallback {
 public:
  MetricCallback() = default;
  MetricCallback(MetricCallback&&) noexcept;
  MetricCallback& operator=(MetricCallback&&) noexcept;
  ~MetricCallback();

 private:
  friend class MetricsImpl;
  struct State;
  explicit MetricCallback(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

using GaugeCallback = MetricCallback;

/// A label value and the count that belongs to it.
using LabelledCount = std::pair<std::string, double>;

/// The metrics of a process, or of a test, in Prometheus's text format.
///
/// Asking for a name again gives the same metric. A name that is malformed, or already taken by
/// another type or other labels, is a mistake in the program: it is logged as an error and the
/// returned metric works but is not rendered.
///
/// Thread safety: thread-safe. All references are valid as long as the `Metrics`.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter& AddCounter(std::string_view name, std::string_view help);
  Gauge& AddGauge(std::string_view name, std::string_view help);
  /// Upper bounds of the buckets, ascending; +Inf is implied.
  Histogram& AddHistogram(std::string_view name, std::string_view help,
                          const std::vector<double>& buckets = LatencyBuckets());

  CounterFamily& AddCounters(std::string_view name, std::string_view help,
                             const FamilyOptions& options);
  GaugeFamily& AddGauges(std::string_view name, std::string_view help,
                         const FamilyOptions& options);
  HistogramFamily& AddHistograms(std::string_view name, std::string_view help,
                                 const FamilyOptions& options,
                                 const std::vector<double>& buckets = LatencyBuckets());

  /// A gauge that is asked at each `Render`, on the rendering thread. A callback that throws leaves
  /// its gauge out of that rendering.
  GaugeCallback AddGauge(std::string_view name, std::string_view help,
                         std::function<double()> callback);

  /// A counter that is asked likewise; what it says must not fall.
  MetricCallback AddCounter(std::string_view name, std::string_view help,
                            std::function<double()> callback);

  /// Counters with one label that are asked for at each `Render`, on the rendering thread. What the
  /// callback does not name is not rendered, so series can go away again; how many there are is up
  /// to it. Counts of one label value, once it has been made safe to print, are added up.
  MetricCallback AddCounters(std::string_view name, std::string_view help, std::string_view label,
                             std::function<std::vector<LabelledCount>()> callback);

  /// The text exposition format 0.0.4, sorted by name and labels; the same under every locale.
  [[nodiscard]] std::string Render() const;

 private:
  std::unique_ptr<MetricsImpl> impl_;
};

}  // namespace auditflow::observe
