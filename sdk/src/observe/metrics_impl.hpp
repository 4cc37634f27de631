#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include "auditflow/observe/metrics.hpp"

#include "src/observe/metric_text.hpp"

namespace auditflow::observe {

template <class Metric>
struct BackendOf;
template <>
struct BackendOf<Counter> {
  using Type = prometheus::Counter;
};
template <>
struct BackendOf<Gauge> {
  using Type = prometheus::Gauge;
};
template <>
struct BackendOf<Histogram> {
  using Type = prometheus::Histogram;
};

/// What a family is made from, checked already.
struct FamilySpec {
  std::string name;
  std::string help;
  FamilyOptions options;
  std::vector<double> buckets;
  std::function<void()> on_overflow;
};

class MetricsImpl {
 public:
  MetricsImpl();

  template <class Metric>
  Family<Metric>& Add(std::string_view name, std::string_view help, const FamilyOptions& options,
                      const std::vector<double>& buckets);
  /// Fills a family, but for its name, help and type.
  using Fill = std::function<void(prometheus::MetricFamily&)>;
  MetricCallback AddCallback(std::string_view name, std::string_view help,
                             const std::vector<std::string>& labels, prometheus::MetricType type,
                             Fill fill);
  [[nodiscard]] std::string Render() const;

  template <class Metric>
  static std::unique_ptr<Metric> Wrap(void* backend) {
    return std::unique_ptr<Metric>(new Metric(backend));
  }

 private:
  using CallbackPtr = std::shared_ptr<MetricCallback::State>;
  using Source =
      std::variant<std::unique_ptr<CounterFamily>, std::unique_ptr<GaugeFamily>,
                   std::unique_ptr<HistogramFamily>, std::weak_ptr<MetricCallback::State>>;
  struct Entry {
    std::vector<std::string> labels;
    std::vector<double> buckets;
    Source source;
  };
  struct Collector;

  template <class Metric>
  std::unique_ptr<Family<Metric>> Make(FamilySpec spec);
  template <class Metric>
  Family<Metric>& Detached(std::string_view name, const std::string& problem,
                           const FamilyOptions& options);
  void CountOverflow(const std::string& name);

  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<Source> detached_;  // mistakes: usable, never rendered
  prometheus::Family<prometheus::Counter> overflow_;
};

/// Bounded by `FamilyOptions::max_label_sets`: at most twice that, and one where all is "other".
template <class Metric>
class Family<Metric>::Impl {
 public:
  using Backend = typename BackendOf<Metric>::Type;
  using Values = std::vector<std::string>;

  explicit Impl(FamilySpec spec) : spec_(std::move(spec)), family_(spec_.name, spec_.help, {}) {}

  Metric& With(std::span<const std::string_view> values) {
    const Values wanted = Safe(values);
    const std::scoped_lock lock(mutex_);
    if (Metric* known = Find(wanted)) return *known;
    if (first_sets_ < spec_.options.max_label_sets) {
      ++first_sets_;
      return Create(wanted);
    }
    if (spec_.on_overflow) spec_.on_overflow();
    return Overflow(wanted);
  }

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const { return family_.Collect(); }

 private:
  [[nodiscard]] Values Safe(std::span<const std::string_view> values) const {
    Values safe(spec_.options.labels.size());
    for (std::size_t i = 0; i < safe.size() && i < values.size(); ++i) {
      safe[i] = SafeLabelValue(values[i]);
    }
    return safe;
  }

  Metric* Find(const Values& values) {
    const auto found = metrics_.find(values);
    return found == metrics_.end() ? nullptr : found->second.get();
  }

  Metric& Create(const Values& values) {
    prometheus::Labels labels;
    for (std::size_t i = 0; i < values.size(); ++i) labels[spec_.options.labels[i]] = values[i];
    return *metrics_.emplace(values, MetricsImpl::Wrap<Metric>(&AddBackend(labels))).first->second;
  }

  Backend& AddBackend(const prometheus::Labels& labels) {
    if constexpr (std::is_same_v<Metric, Histogram>) {
      return family_.Add(labels, spec_.buckets);
    } else {
      return family_.Add(labels);
    }
  }

  Metric& Overflow(Values values) {
    bool collapsed = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!CollapsesFirst(spec_.options.labels[i])) continue;
      values[i] = "other";
      collapsed = true;
    }
    if (collapsed) {
      if (Metric* known = Find(values)) return *known;
      if (collapsed_sets_ < spec_.options.max_label_sets) {
        ++collapsed_sets_;
        return Create(values);
      }
    }
    for (std::string& value : values) value = "other";
    Metric* known = Find(values);
    return known != nullptr ? *known : Create(values);
  }

  [[nodiscard]] bool CollapsesFirst(const std::string& label) const {
    const auto& first = spec_.options.collapse_first;
    return std::ranges::find(first, label) != first.end();
  }

  const FamilySpec spec_;
  prometheus::Family<Backend> family_;
  std::mutex mutex_;
  std::map<Values, std::unique_ptr<Metric>> metrics_;
  std::size_t first_sets_ = 0;
  std::size_t collapsed_sets_ = 0;
};

struct MetricCallback::State {
  const std::string name;
  const std::string help;
  const prometheus::MetricType type;
  std::mutex mutex;
  MetricsImpl::Fill fill;  // empty once it is released
};

}  // namespace auditflow::observe
