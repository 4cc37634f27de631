#include "src/match/lower_scope.hpp"

#include <algorithm>

#include "src/match/lower_item.hpp"
#include "src/match/pattern.hpp"

namespace auditflow::match {
namespace {

using sigma::Condition;
using sigma::Detection;
using sigma::Diagnostic;
using sigma::DiagnosticKind;

/// n over k, or `most` + 1 if it is larger.
std::size_t Combinations(std::size_t n, std::size_t k, std::size_t most) {
  k = std::min(k, n - k);
  std::size_t count = 1;
  for (std::size_t i = 1; i <= k; ++i) {
    count = count * (n - k + i) / i;
    if (count > most) return most + 1;
  }
  return count;
}

std::string MoreThan(std::size_t questions) {
  return " asks more than " + std::to_string(questions) + " questions";
}

tl::unexpected<Diagnostic> Fail(DiagnosticKind kind, const Condition& at, std::string code,
                                std::string message) {
  return tl::unexpected(Diagnostic{kind, at.location, std::move(code), std::move(message)});
}

}  // namespace

bool IsSelected(std::string_view pattern, std::string_view name) {
  if (name.starts_with('_') && !pattern.starts_with('_')) return false;
  if (pattern == "them") return true;
  Pattern glob = ParsePattern(pattern);
  glob.cased = true;
  return FitsPattern(glob, name);
}

std::optional<Expression> LowerScope::Run(const std::vector<Condition>& conditions) {
  if (!LowerDetections()) return std::nullopt;
  std::vector<Expression> alternatives;
  for (const Condition& condition : conditions) {
    Lowered lowered = LowerCondition(condition);
    if (!lowered) {
      diagnostics_.push_back(std::move(lowered.error()));
      return std::nullopt;
    }
    alternatives.push_back(std::move(*lowered));
  }
  return Join(Expression::Kind::kOr, std::move(alternatives));
}

bool LowerScope::LowerDetections() {
  bool good = true;
  for (const auto& [name, detection] : detections_) {
    if (questions_ > options_.max_questions) return false;
    auto expression = LowerDetection(detection);
    good = good && expression.has_value();
    if (!expression) continue;
    const std::size_t nodes = CountNodes(*expression);
    named_.push_back({name, std::move(*expression), nodes});
  }
  return good;
}

std::optional<Expression> LowerScope::LowerDetection(const Detection& detection) {
  if (detection.children.empty()) {
    diagnostics_.push_back({DiagnosticKind::kInvalid, detection.location, "empty-detection",
                            "a search identifier without content matches nothing"});
    return std::nullopt;
  }
  bool good = true;
  std::vector<Expression> children;
  children.reserve(detection.children.size());
  for (const auto& child : detection.children) {
    if (questions_ > options_.max_questions) return std::nullopt;  // that has been reported
    const auto* item = std::get_if<sigma::DetectionItem>(&child);
    auto lowered =
        item != nullptr ? LowerOrReport(*item) : LowerDetection(std::get<Detection>(child));
    good = good && lowered.has_value();
    if (lowered) children.push_back(std::move(*lowered));
  }
  if (!good) return std::nullopt;
  const bool all = detection.kind == Detection::Kind::kAllOf;
  return Join(all ? Expression::Kind::kAnd : Expression::Kind::kOr, std::move(children));
}

std::optional<Expression> LowerScope::LowerOrReport(const sigma::DetectionItem& item) {
  Lowered lowered = LowerWithinBounds(item);
  if (lowered) return std::move(*lowered);
  diagnostics_.push_back(std::move(lowered.error()));
  return std::nullopt;
}

LowerScope::Lowered LowerScope::LowerWithinBounds(const sigma::DetectionItem& item) {
  // Before the work is done; what values expand to has a bound of its own.
  if (questions_ + item.values.size() <= options_.max_questions) {
    Lowered lowered = LowerItem(item, options_, budget_);
    questions_ += lowered ? CountNodes(*lowered) : 1;
    if (questions_ <= options_.max_questions) return lowered;
  }
  questions_ = options_.max_questions + 1;
  return tl::unexpected(Diagnostic{DiagnosticKind::kUnsupported, item.location, "rule-too-large",
                                   "the rule" + MoreThan(options_.max_questions)});
}

LowerScope::Lowered LowerScope::LowerCondition(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::kIdentifier:
      return LowerIdentifier(condition);
    case Condition::Kind::kSelector:
      return LowerSelector(condition);
    default:
      return LowerOperator(condition);
  }
}

LowerScope::Lowered LowerScope::LowerOperator(const Condition& condition) {
  std::vector<Expression> children;
  for (const Condition& child : condition.children) {
    Lowered lowered = LowerCondition(child);
    if (!lowered) return lowered;
    children.push_back(std::move(*lowered));
  }
  if (condition.kind == Condition::Kind::kNot) return Negate(std::move(children.front()));
  const bool all = condition.kind == Condition::Kind::kAnd;
  return Join(all ? Expression::Kind::kAnd : Expression::Kind::kOr, std::move(children));
}

LowerScope::Lowered LowerScope::LowerIdentifier(const Condition& condition) {
  const auto found = std::find_if(named_.begin(), named_.end(),
                                  [&](const Named& n) { return n.name == condition.name; });
  if (found == named_.end()) {
    return Fail(DiagnosticKind::kInvalid, condition, "unknown-identifier",
                "the condition names \"" + condition.name + "\", which the rule does not define");
  }
  return Use(*found, condition);
}

LowerScope::Lowered LowerScope::Use(const Named& named, const Condition& by) {
  used_nodes_ += named.nodes;
  if (used_nodes_ > options_.max_questions) {
    return Fail(DiagnosticKind::kUnsupported, by, "rule-too-large",
                "the condition" + MoreThan(options_.max_questions));
  }
  return named.expression;
}

LowerScope::Lowered LowerScope::LowerSelector(const Condition& condition) {
  std::vector<const Named*> selected;
  for (const Named& named : named_) {
    if (IsSelected(condition.name, named.name)) selected.push_back(&named);
  }
  if (selected.empty()) {
    return Fail(DiagnosticKind::kInvalid, condition, "empty-selector",
                "no search identifier fits \"" + condition.name + "\"");
  }
  const std::size_t quantity = condition.quantity == 0 ? selected.size() : condition.quantity;
  if (quantity > selected.size()) return Expression{Expression::Kind::kOr, {}, {}};
  if (Combinations(selected.size(), quantity, options_.max_expansion) > options_.max_expansion) {
    return Fail(DiagnosticKind::kUnsupported, condition, "expansion-too-large",
                "the selector stands for more than " + std::to_string(options_.max_expansion) +
                    " combinations");
  }
  return LowerCombinations(selected, quantity, condition);
}

/// At least `quantity` of them: any choice of that many holds as a whole.
LowerScope::Lowered LowerScope::LowerCombinations(const std::vector<const Named*>& selected,
                                                  std::size_t quantity,
                                                  const Condition& condition) {
  std::vector<bool> chosen(selected.size(), false);
  std::fill_n(chosen.begin(), quantity, true);
  std::vector<Expression> choices;
  do {
    std::vector<Expression> parts;
    for (std::size_t i = 0; i < selected.size(); ++i) {
      if (!chosen[i]) continue;
      Lowered part = Use(*selected[i], condition);
      if (!part) return part;
      parts.push_back(std::move(*part));
    }
    choices.push_back(Join(Expression::Kind::kAnd, std::move(parts)));
  } while (std::prev_permutation(chosen.begin(), chosen.end()));
  return Join(Expression::Kind::kOr, std::move(choices));
}

}  // namespace auditflow::match
