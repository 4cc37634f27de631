// Which alerts do these events make? Answered without the compiled engine, queues, batches and
// threads: every rule is asked of every event by the naive evaluator, the correlator sees one event
// at a time. Prints the alert ids, one a line, in the order in which they are made.
//
//     oracle RULES SEED RATE START_TIME COUNT

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/alert/alert_template.hpp"
#include "auditflow/correlate/correlator.hpp"
#include "auditflow/correlate/window_store.hpp"
#include "auditflow/event/audit_event.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/generate/event_generator.hpp"
#include "auditflow/pipeline/rule_package.hpp"

#include "src/match/lower.hpp"
#include "src/match/naive_evaluator.hpp"

namespace auditflow {
namespace {

class Oracle {
 public:
  explicit Oracle(const std::string& rules) : package_(pipeline::LoadRulePackage({rules})) {
    std::vector<sigma::Diagnostic> diagnostics;
    for (match::RuleIndex i = 0; i < package_->rules->rules.detections.size(); ++i) {
      expressions_.push_back(match::Lower(*package_->rules, i, {}, diagnostics));
    }
    correlator_ = correlate::Correlator::Create(package_->rules, nullptr).value();
  }

  void See(const event::Event& event) {
    const event::Identity identity = event::IdentityOf(event);
    std::vector<std::uint32_t> matches;
    for (std::uint32_t i = 0; i < expressions_.size(); ++i) {
      if (!expressions_[i] || !match::EvaluateNaively(*expressions_[i], event)) continue;
      matches.push_back(i);
      if (!package_->rules->detection_outputs[i]) continue;
      alert::Trigger trigger;
      trigger.event = &event;
      trigger.event_id = identity.id;
      trigger.time = *identity.time;
      Print(alert::MakeAlert(package_->detection_alerts[i], trigger, "test", Timestamp()));
    }
    if (matches.empty()) return;
    const correlate::Observation observation{&event, identity.id, *identity.time, {}, matches};
    Print(correlator_->Observe({&observation, 1}).value());
  }

  void End() { Print(correlator_->Release(correlate::kEndOfInput).value()); }

 private:
  static void Print(const alert::Alert& alert) { std::puts(alert.alert_id.ToString().c_str()); }

  void Print(const std::vector<correlate::CorrelationHit>& hits) {
    for (const correlate::CorrelationHit& hit : hits) {
      if (!hit.output) continue;
      const event::Event event = event::EventParser().Parse(hit.payload).value();
      alert::Trigger trigger;
      trigger.event = &event;
      trigger.event_id = hit.event_id;
      trigger.group = hit.group;
      trigger.group_key = hit.group_key;
      trigger.time = hit.time;
      const alert::AlertTemplate& rule = package_->correlation_alerts[hit.correlation];
      Print(alert::MakeAlert(rule, trigger, "test", Timestamp()));
    }
  }

  std::shared_ptr<const pipeline::RulePackage> package_;
  std::vector<std::optional<match::Expression>> expressions_;
  std::unique_ptr<correlate::Correlator> correlator_;
};

int Main(char** argv) {
  Oracle oracle(argv[1]);
  generate::EventGeneratorOptions options;
  options.seed = std::strtoull(argv[2], nullptr, 10);
  options.interval = Duration(std::llround(1e9 / std::strtod(argv[3], nullptr)));
  options.start = Timestamp::Parse(argv[4]).value();
  const std::uint64_t count = std::strtoull(argv[5], nullptr, 10);
  auto generator = generate::EventGenerator::Create(options).value();
  event::EventParser parser;
  for (std::uint64_t i = 0; i < count; ++i) oracle.See(parser.Parse(generator.Next()).value());
  oracle.End();
  return 0;
}

}  // namespace
}  // namespace auditflow

int main(int argc, char** argv) {
  if (argc == 6) return auditflow::Main(argv);
  std::fprintf(stderr, "usage: oracle RULES SEED RATE START_TIME COUNT\n");
  return 2;
}
