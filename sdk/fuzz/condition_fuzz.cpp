#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "auditflow/sigma/document.hpp"

#include "src/sigma/condition_parser.hpp"
#include "src/sigma/reporter.hpp"

namespace {

using auditflow::sigma::Condition;
using auditflow::sigma::Diagnostic;
using auditflow::sigma::Node;
using auditflow::sigma::Reporter;

constexpr std::size_t kMaxDepth = 32;

std::string Write(const Condition& condition) {
  using Kind = Condition::Kind;
  switch (condition.kind) {
    case Kind::kIdentifier:
      return condition.name;
    case Kind::kSelector:
      return (condition.quantity == 0 ? "all" : std::to_string(condition.quantity)) + " of " +
             condition.name;
    case Kind::kNot:
      return "not " + Write(condition.children.front());
    case Kind::kAnd:
    case Kind::kOr:
      break;
  }
  std::string out = "(";
  for (const Condition& child : condition.children) {
    if (out.size() > 1) out += condition.kind == Kind::kAnd ? " and " : " or ";
    out += Write(child);
  }
  return out + ")";
}

std::optional<Condition> Parse(const std::string& text, std::size_t depth,
                               std::vector<Diagnostic>& diagnostics) {
  Node node;
  node.kind = Node::Kind::kString;
  node.text = text;
  std::size_t budget = auditflow::sigma::kMaxConditionNodes;
  Reporter reporter(diagnostics, 10);
  return auditflow::sigma::ParseCondition(node, depth, &budget, reporter);
}

}  // namespace

// A condition is either refused with a reason, or what it means survives writing and reading.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<Diagnostic> diagnostics;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::optional<Condition> first = Parse(text, kMaxDepth, diagnostics);
  if (!first) {
    if (!auditflow::sigma::HasErrors(diagnostics)) std::abort();
    return 0;
  }
  // Written with every parenthesis it nests deeper than it was read.
  const std::optional<Condition> second = Parse(Write(*first), 4 * kMaxDepth, diagnostics);
  if (!second || Write(*first) != Write(*second)) std::abort();
  return 0;
}
