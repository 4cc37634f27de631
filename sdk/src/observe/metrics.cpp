#include "auditflow/observe/metrics.hpp"

#include <cmath>

#include "src/observe/metrics_impl.hpp"

namespace auditflow::observe {

void Counter::Increment(double by) {
  if (by > 0 && std::isfinite(by)) static_cast<prometheus::Counter*>(metric_)->Increment(by);
}
void Counter::RaiseTo(double total) { Increment(total - Value()); }
double Counter::Value() const { return static_cast<prometheus::Counter*>(metric_)->Value(); }

void Gauge::Set(double value) { static_cast<prometheus::Gauge*>(metric_)->Set(value); }
void Gauge::Add(double by) { static_cast<prometheus::Gauge*>(metric_)->Increment(by); }
double Gauge::Value() const { return static_cast<prometheus::Gauge*>(metric_)->Value(); }

void Histogram::Observe(double value) {
  if (!std::isnan(value)) static_cast<prometheus::Histogram*>(metric_)->Observe(value);
}

std::vector<double> LatencyBuckets() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
          0.1,    0.25,    0.5,    1,     2.5,    5,     10,   25,    60};
}

template <class Metric>
Family<Metric>::Family(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
template <class Metric>
Family<Metric>::~Family() = default;
template <class Metric>
Metric& Family<Metric>::With(std::span<const std::string_view> values) {
  return impl_->With(values);
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

MetricCallback::MetricCallback(std::shared_ptr<State> state) : state_(std::move(state)) {}
MetricCallback::MetricCallback(MetricCallback&&) noexcept = default;
MetricCallback& MetricCallback::operator=(MetricCallback&& other) noexcept {
  MetricCallback released(std::move(*this));
  state_ = std::move(other.state_);
  return *this;
}
MetricCallback::~MetricCallback() {
  if (!state_) return;
  const std::scoped_lock lock(state_->mutex);  // waits for a call that is running
  state_->fill = nullptr;
}

Metrics::Metrics() : impl_(std::make_unique<MetricsImpl>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::AddCounter(std::string_view name, std::string_view help) {
  return AddCounters(name, help, {}).With({});
}
Gauge& Metrics::AddGauge(std::string_view name, std::string_view help) {
  return AddGauges(name, help, {}).With({});
}
Histogram& Metrics::AddHistogram(std::string_view name, std::string_view help,
                                 const std::vector<double>& buckets) {
  return AddHistograms(name, help, {}, buckets).With({});
}

CounterFamily& Metrics::AddCounters(std::string_view name, std::string_view help,
                                    const FamilyOptions& options) {
  return impl_->Add<Counter>(name, help, options, {});
}
GaugeFamily& Metrics::AddGauges(std::string_view name, std::string_view help,
                                const FamilyOptions& options) {
  return impl_->Add<Gauge>(name, help, options, {});
}
HistogramFamily& Metrics::AddHistograms(std::string_view name, std::string_view help,
                                        const FamilyOptions& options,
                                        const std::vector<double>& buckets) {
  return impl_->Add<Histogram>(name, help, options, buckets);
}

MetricCallback Metrics::AddGauge(std::string_view name, std::string_view help,
                                 std::function<double()> callback) {
  const auto fill = [callback = std::move(callback)](prometheus::MetricFamily& family) {
    prometheus::ClientMetric metric;
    metric.gauge.value = callback();
    family.metric.push_back(std::move(metric));
  };
  return impl_->AddCallback(name, help, {}, prometheus::MetricType::Gauge, fill);
}

MetricCallback Metrics::AddCounter(std::string_view name, std::string_view help,
                                   std::function<double()> callback) {
  const auto fill = [callback = std::move(callback)](prometheus::MetricFamily& family) {
    prometheus::ClientMetric metric;
    metric.counter.value = callback();
    family.metric.push_back(std::move(metric));
  };
  return impl_->AddCallback(name, help, {}, prometheus::MetricType::Counter, fill);
}

MetricCallback Metrics::AddCounters(std::string_view name, std::string_view help,
                                    std::string_view label,
                                    std::function<std::vector<LabelledCount>()> callback) {
  const std::string key(label);
  const auto fill = [key, callback = std::move(callback)](prometheus::MetricFamily& family) {
    std::map<std::string, double> counts;
    for (const auto& [value, count] : callback()) counts[SafeLabelValue(value)] += count;
    for (const auto& [value, count] : counts) {
      prometheus::ClientMetric metric;
      metric.label = {{key, value}};
      metric.counter.value = count;
      family.metric.push_back(std::move(metric));
    }
  };
  return impl_->AddCallback(name, help, {key}, prometheus::MetricType::Counter, fill);
}

std::string Metrics::Render() const { return impl_->Render(); }

}  // namespace auditflow::observe
