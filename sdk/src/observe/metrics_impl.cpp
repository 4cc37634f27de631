#include "src/observe/metrics_impl.hpp"

#include <prometheus/text_serializer.h>

#include "auditflow/observe/logging.hpp"

namespace auditflow::observe {
namespace {

using prometheus::MetricFamily;

}  // namespace

MetricsImpl::MetricsImpl()
    : overflow_("auditflow_metrics_label_overflow_total",
                "Label values replaced with 'other' because a metric had too many.", {}) {}

void MetricsImpl::CountOverflow(const std::string& name) {
  overflow_.Add({{"metric", name}}).Increment();
}

template <class Metric>
std::unique_ptr<Family<Metric>> MetricsImpl::Make(FamilySpec spec) {
  auto impl = std::make_unique<typename Family<Metric>::Impl>(std::move(spec));
  return std::unique_ptr<Family<Metric>>(new Family<Metric>(std::move(impl)));
}

template <class Metric>
Family<Metric>& MetricsImpl::Detached(std::string_view name, const std::string& problem,
                                      const FamilyOptions& options) {
  log::Error("metrics", "metric is not rendered", {{"metric", name}, {"problem", problem}});
  FamilyOptions unlabelled;
  unlabelled.max_label_sets = options.max_label_sets;
  auto family = Make<Metric>({"detached", "", unlabelled, LatencyBuckets(), nullptr});
  Family<Metric>& reference = *family;
  detached_.emplace_back(std::move(family));
  return reference;
}

template <class Metric>
Family<Metric>& MetricsImpl::Add(std::string_view name, std::string_view help,
                                 const FamilyOptions& options, const std::vector<double>& buckets) {
  using Owned = std::unique_ptr<Family<Metric>>;
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(name);
  if (found != entries_.end()) {
    const Entry& entry = found->second;
    const auto* same = std::get_if<Owned>(&entry.source);
    if (same != nullptr && entry.labels == options.labels && entry.buckets == buckets) {
      return **same;
    }
    return Detached<Metric>(name, "the name is taken by another metric", options);
  }
  const std::string problem = MetricProblem(name, options.labels, buckets);
  if (!problem.empty()) return Detached<Metric>(name, problem, options);
  std::string key(name);
  auto family =
      Make<Metric>({key, SafeHelp(help), options, buckets, [this, key] { CountOverflow(key); }});
  Family<Metric>& reference = *family;
  entries_.emplace(key, Entry{options.labels, buckets, std::move(family)});
  return reference;
}

template CounterFamily& MetricsImpl::Add(std::string_view, std::string_view, const FamilyOptions&,
                                         const std::vector<double>&);
template GaugeFamily& MetricsImpl::Add(std::string_view, std::string_view, const FamilyOptions&,
                                       const std::vector<double>&);
template HistogramFamily& MetricsImpl::Add(std::string_view, std::string_view, const FamilyOptions&,
                                           const std::vector<double>&);

MetricCallback MetricsImpl::AddCallback(std::string_view name, std::string_view help,
                                        const std::vector<std::string>& labels,
                                        prometheus::MetricType type, Fill fill) {
  const CallbackPtr state(
      new MetricCallback::State{std::string(name), SafeHelp(help), type, {}, std::move(fill)});
  const std::scoped_lock lock(mutex_);
  std::string problem = MetricProblem(name, labels, {});
  const auto found = entries_.find(name);
  if (found != entries_.end()) {
    const auto* old = std::get_if<std::weak_ptr<MetricCallback::State>>(&found->second.source);
    if (old == nullptr || !old->expired()) problem = "the name is taken by another metric";
  }
  if (problem.empty()) {
    entries_.insert_or_assign(std::string(name), Entry{labels, {}, std::weak_ptr(state)});
  } else {
    log::Error("metrics", "metric is not rendered", {{"metric", name}, {"problem", problem}});
  }
  return MetricCallback(state);
}

// Runs without the registry's lock, because a callback may itself ask for metrics.
struct MetricsImpl::Collector {
  std::vector<MetricFamily>& out;

  template <class Metric>
  void operator()(Family<Metric>* family) const {
    for (MetricFamily& collected : family->impl_->Collect()) Take(std::move(collected));
  }

  void operator()(const CallbackPtr& state) const {
    const std::scoped_lock lock(state->mutex);
    if (!state->fill) return;
    MetricFamily family{state->name, state->help, state->type, {}};
    try {
      state->fill(family);
    } catch (...) {
      return;
    }
    Take(std::move(family));
  }

  void Take(MetricFamily family) const {
    std::ranges::sort(family.metric, {}, &prometheus::ClientMetric::label);
    out.push_back(std::move(family));
  }
};

std::string MetricsImpl::Render() const {
  using Pinned = std::variant<CounterFamily*, GaugeFamily*, HistogramFamily*, CallbackPtr>;
  std::vector<Pinned> sources;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, entry] : entries_) {
      std::visit(
          [&sources](const auto& source) {
            if constexpr (requires { source.lock(); }) {
              if (CallbackPtr state = source.lock()) sources.emplace_back(std::move(state));
            } else {
              sources.emplace_back(source.get());
            }
          },
          entry.source);
    }
  }
  std::vector<MetricFamily> families;
  const Collector collector{families};
  for (const Pinned& source : sources) std::visit(collector, source);
  for (MetricFamily& collected : overflow_.Collect()) collector.Take(std::move(collected));
  std::ranges::sort(families, {}, &MetricFamily::name);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace auditflow::observe
