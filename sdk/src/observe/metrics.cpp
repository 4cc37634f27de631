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

GaugeCallback::GaugeCallback(std::shared_ptr<State> state) : state_(std::move(state)) {}
GaugeCallback::GaugeCallback(GaugeCallback&&) noexcept = default;
GaugeCallback& GaugeCallback::operator=(GaugeCallback&& other) noexcept {
  GaugeCallback released(std::move(*this));
  state_ = std::move(other.state_);
  return *this;
}
GaugeCallback::~GaugeCallback() {
  if (!state_) return;
  const std::scoped_lock lock(state_->mutex);  // waits for a call that is running
  state_->callback = nullptr;
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

GaugeCallback Metrics::AddGauge(std::string_view name, std::string_view help,
                                std::function<double()> callback) {
  return impl_->AddCallback(name, help, std::move(callback));
}

std::string Metrics::Render() const { return impl_->Render(); }

}  // namespace auditflow::observe
