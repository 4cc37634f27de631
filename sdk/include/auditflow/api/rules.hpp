#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "auditflow/http/router.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/rule_package.hpp"

namespace auditflow::api {

/// Where the rule routes get what they show. Called by handler threads, several at once.
struct RuleSources {
  /// The rules in use at the moment; never null.
  std::function<std::shared_ptr<const pipeline::RulePackage>()> rules;
  /// How often each matched, by rule id; empty: not shown.
  std::function<std::vector<observe::RuleNumbers>()> numbers;
};

struct RuleRoutesOptions {
  std::uint32_t default_limit = 100;
  std::uint32_t max_limit = 1000;
};

/// `GET /rules`: `{"total":…,"rules":[…]}`, detections first, as they were loaded. `total` counts
/// what fits the filters. Each rule: `id` (as in alerts' `analysis_rule.rule_id`), `sigma_id`,
/// `name`, `title`, `kind` (detection or correlation), `level`, `status`, `tags`, `logsource` (of a
/// detection), `makes_alerts`, `file`, `line`, `matches` since the start.
/// Filters: `kind`, `level`, `tag`, `q` (text in id, name or title, letter case aside); `limit`
/// and `offset`.
///
/// `GET /rules/{id}`: one rule, by its id, else Sigma id, else name, with what else its document
/// says: `description`, `author`, `date`, `modified`, `references`, `falsepositives`, `severity` of
/// its alerts, and of a correlation `correlation`: `type`, `timespan_seconds`, `group_by`, `rules`.
///
/// Both need the scope `rules:read`. Errors are problem details: 400 naming the parameter, 404.
void AddRuleRoutes(http::Router& router, RuleSources sources,
                   const RuleRoutesOptions& options = {});

}  // namespace auditflow::api
