#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"
#include "auditflow/sigma/yaml.hpp"

// Any bytes as a rule file: loading and linking end, with each refused document explained.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace auditflow::sigma;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  LoadLimits limits;
  limits.max_nodes = 20'000;
  limits.max_expanded_nodes = 2'000;
  limits.max_expanded_bytes = 1U << 20U;

  std::string json;
  for (const Node& document : LoadYaml(text, "fuzz.yml", limits).documents) {
    AppendJson(document, json);
  }
  LoadResult loaded = LoadText(text, "fuzz.yml", limits);
  const RuleCollection& rules = loaded.rules;
  const std::size_t usable =
      rules.detections.size() + rules.correlations.size() + rules.filters.size();
  if (usable < loaded.documents && loaded.diagnostics.empty()) std::abort();
  std::string shown;
  for (const Diagnostic& diagnostic : loaded.diagnostics) shown += diagnostic.ToString();

  const LinkedRules linked = Link(std::move(loaded.rules)).linked;
  if (linked.filters_of.size() != linked.rules.detections.size()) std::abort();
  if (linked.correlation_order.size() != linked.rules.correlations.size()) std::abort();
  for (const auto& references : linked.references_of) {
    for (const RuleRef& ref : references) {
      const std::size_t count = ref.kind == RuleRef::Kind::kDetection
                                    ? linked.rules.detections.size()
                                    : linked.rules.correlations.size();
      if (ref.index >= count) std::abort();
    }
  }
  return 0;
}
