#include "cli/explain_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "cli/progress.hpp"
#include "cli/rule_text.hpp"

namespace auditflow::cli {
namespace {

using match::ExplainedEventValue;
using match::ExplainedItem;
using match::ExplainedNode;
using match::ExplainedValue;
using Kind = match::ExplainedNode::Kind;

constexpr std::size_t kValuesOnALine = 3;

/// The code point at the start of valid UTF-8, and its length.
std::pair<char32_t, std::size_t> FirstCodePoint(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = byte(0) < 0x80U ? 1 : byte(0) < 0xE0U ? 2 : byte(0) < 0xF0U ? 3 : 4;
  if (size == 1) return {byte(0), 1};
  char32_t point = byte(0) & (0x7FU >> size);
  for (std::size_t i = 1; i < size && i < text.size(); ++i) point = point << 6U | (byte(i) & 0x3FU);
  return {point, std::min(size, text.size())};
}

/// Controls, and what turns the direction of text or breaks its lines.
bool IsTreacherous(char32_t point) {
  return point < 0x20U || (point >= 0x7FU && point < 0xA0U) || point == 0x61CU ||
         (point >= 0x200BU && point <= 0x200FU) || (point >= 0x2028U && point <= 0x202EU) ||
         (point >= 0x2060U && point <= 0x206FU) || point == 0xFEFFU;
}

std::string Escape(char32_t point) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "<U+%04X>", static_cast<unsigned>(point));
  return text.data();
}

std::string Joined(const std::vector<std::string>& items, std::string_view separator = ", ") {
  std::string text;
  for (const std::string& item : items) text.append(text.empty() ? "" : separator).append(item);
  return text;
}

std::string Text(const ExplainedValue& value) { return Quoted(value.text, value.text.size()); }

std::string Text(const ExplainedEventValue& value) {
  return value.type == event::Type::kString ? Quoted(value.text, value.bytes)
                                            : WithoutControls(value.text);
}

std::string EventText(const ExplainedEventValue& value) {
  const std::string text = WithoutControls(value.field) + " = " + Text(value);
  return value.meaning ? text + ", which means " + Quoted(*value.meaning, value.meaning->size())
                       : text;
}

/// Prints a tree, two columns deeper at each level.
class Tree {
 public:
  Tree(const Terminal& terminal, std::vector<std::string>& lines)
      : terminal_(terminal), lines_(lines) {}

  void Line(std::size_t depth, const std::string& text) {
    lines_.push_back(std::string(depth * 2, ' ') + text);
  }
  void Dim(std::size_t depth, const std::string& text) {
    Line(depth, Paint(text, Colour::kDim, terminal_));
  }
  [[nodiscard]] std::string Mark(bool holds) const {
    return Paint(holds ? "✓" : "✗", holds ? Colour::kGreen : Colour::kRed, terminal_) + ' ';
  }
  [[nodiscard]] std::string At(const sigma::SourceLocation& location) const {
    const std::string place = location.ToString();
    return place.empty() ? "" : "  " + Paint(place, Colour::kDim, terminal_);
  }

  void Print(const std::vector<ExplainedNode>& nodes, std::size_t depth) {
    for (const ExplainedNode& node : nodes) Print(node, depth);
  }

  void Print(const ExplainedNode& node, std::size_t depth) {
    if (node.kind == Kind::kItem) return PrintItem(node, depth);
    Line(depth, Mark(node.holds) + Title(node) + At(node.location));
    // The content of an identifier stands right below its name.
    const bool inlined = node.kind == Kind::kIdentifier && node.children.size() == 1;
    Print(inlined ? node.children.front().children : node.children, depth + 1);
    if (node.incomplete && node.children.empty()) Dim(depth + 1, "… too large to be shown");
  }

 private:
  static std::string Title(const ExplainedNode& node) {
    switch (node.kind) {
      case Kind::kAnd:
        return "and";
      case Kind::kOr:
        return "or";
      case Kind::kNot:
        return "not";
      case Kind::kAllOf:
        return "all of these";
      case Kind::kAnyOf:
        return "any of these";
      default:
        break;
    }
    std::string title = WithoutControls(node.name);
    if (node.repeated) title += " (as above)";
    const bool any = !node.children.empty() && node.children.front().kind == Kind::kAnyOf;
    return any && node.kind == Kind::kIdentifier ? title + ", any of" : title;
  }

  void PrintItem(const ExplainedNode& node, std::size_t depth) {
    const ExplainedItem& item = *node.item;
    Line(depth, Mark(node.holds) + NameOf(item) + ": " + Values(item) + At(node.location));
    for (const std::string& reason : Reasons(item)) Line(depth + 2, reason);
  }

  static std::string Values(const ExplainedItem& item) {
    std::string text;
    const std::size_t shown = std::min(item.values.size(), kValuesOnALine);
    for (std::size_t i = 0; i < shown; ++i) {
      text += (text.empty() ? "" : ", ") + Text(item.values[i]);
    }
    if (item.value_count > shown) text += ", … " + Grouped(item.value_count - shown) + " more";
    return text;
  }

  [[nodiscard]] std::vector<std::string> Reasons(const ExplainedItem& item) const {
    std::vector<std::string> reasons;
    if (item.decisive) {
      const ExplainedValue& value = item.values[*item.decisive];
      std::string reason = (item.value_count > 1 ? Text(value) + At(value.location) + ' ' : "") +
                           (value.holds ? "holds" : "does not hold");
      if (value.by) reason += " for " + EventText(*value.by);
      reasons.push_back(std::move(reason));
    } else if (item.value_count > 1) {
      reasons.push_back(item.holding_values == 0
                            ? "none of the " + Grouped(item.value_count) + " values holds"
                            : "all " + Grouped(item.value_count) + " values hold");
    }
    const bool shown = item.decisive && item.values[*item.decisive].by.has_value();
    if (!shown && !item.field.empty()) reasons.push_back(EventSide(item));
    return reasons;
  }

  static std::string EventSide(const ExplainedItem& item) {
    if (item.event_fields.empty()) {
      std::string text = "the event has no field " + WithoutControls(item.field);
      if (!item.other_names.empty()) {
        text += ", nor any of its other names: " + WithoutControls(Joined(item.other_names));
      }
      return text;
    }
    if (item.event_values.empty()) {
      return "the event has " + WithoutControls(Joined(item.event_fields)) + " without a value";
    }
    std::string text = "the event has ";
    for (std::size_t i = 0; i < item.event_values.size(); ++i) {
      text += (i == 0 ? "" : ", ") + EventText(item.event_values[i]);
    }
    if (item.event_value_count > item.event_values.size()) {
      text += ", … " + Grouped(item.event_value_count - item.event_values.size()) + " more";
    }
    return text;
  }

  const Terminal& terminal_;
  std::vector<std::string>& lines_;
};

std::string Verdict(bool good, std::string_view yes, std::string_view no,
                    const Terminal& terminal) {
  return Paint(good ? yes : no, good ? Colour::kGreen : Colour::kRed, terminal);
}

void PrintRouting(const match::ExplainedRouting& routing, const std::string& wanted, Tree& tree) {
  tree.Line(1, tree.Mark(routing.reaches) + "logsource " + (wanted.empty() ? "any" : wanted));
  tree.Line(3, routing.event_logsources.empty()
                   ? "the event has no logsource that a map knows"
                   : "the event has " + WithoutControls(Joined(routing.event_logsources)));
  if (routing.reaches) return;
  if (routing.routes.empty()) tree.Line(3, "no logsource map leads there; see `rules check`");
  for (const match::ExplainedRoute& route : routing.routes) {
    if (!route.fits) {
      tree.Line(2, tree.Mark(false) + WithoutControls(route.title) + ": the event states " +
                       WithoutControls(route.product + '/' + route.category + '/' + route.service) +
                       tree.At(route.location));
      continue;
    }
    tree.Line(2, tree.Mark(route.holds) + WithoutControls(route.title) + tree.At(route.location));
    tree.Print(route.conditions, 3);
  }
}

void PrintFilter(const match::ExplainedFilter& filter, Tree& tree) {
  tree.Line(1, tree.Mark(filter.lets_pass) + "filter " + WithoutControls(filter.title) + ": its " +
                   "condition " + (filter.holds ? "holds" : "does not hold") + ", which " +
                   (filter.lets_pass ? "lets the match pass" : "keeps the rule from matching") +
                   tree.At(filter.location));
  tree.Print(filter.conditions, 2);
}

std::string TitleLine(const RuleEntry& rule, const std::string& verdict, const Terminal& terminal) {
  return Paint(WithoutControls(rule.metadata->title), Colour::kBold, terminal) + ": " + verdict;
}

void PrintFields(const char* what, const std::vector<correlate::EventField>& fields,
                 std::size_t depth, Tree& tree) {
  for (const correlate::EventField& field : fields) {
    const std::string path = field.path == field.name ? "" : " (" + field.path + ')';
    tree.Line(depth, std::string(what) + ' ' + WithoutControls(field.name + path) + " = " +
                         (field.value ? Quoted(*field.value, field.value->size())
                                      : "nothing; the event has no value there"));
  }
}

void PrintReferences(const std::vector<pipeline::ExplainedReference>& references,
                     const sigma::LinkedRules& rules, std::size_t depth, Tree& tree) {
  for (const pipeline::ExplainedReference& reference : references) {
    const bool detection = reference.rule.kind == sigma::RuleRef::Kind::kDetection;
    const sigma::Metadata& metadata = detection
                                          ? rules.rules.detections[reference.rule.index].metadata
                                          : rules.rules.correlations[reference.rule.index].metadata;
    tree.Line(depth, tree.Mark(reference.matches) + WithoutControls(metadata.title) +
                         (detection ? "" : " (correlation)") + tree.At(metadata.location));
    if (reference.matches) {
      PrintFields("group", reference.fields.group, depth + 2, tree);
      PrintFields("value", reference.fields.values, depth + 2, tree);
    }
    PrintReferences(reference.references, rules, depth + 1, tree);
  }
}

}  // namespace

std::string Quoted(std::string_view text, std::uint64_t bytes) {
  std::string quoted = "\"";
  const std::size_t size = text.size();
  while (!text.empty()) {
    const auto [point, length] = FirstCodePoint(text);
    quoted += IsTreacherous(point) ? Escape(point) : std::string(text.substr(0, length));
    text.remove_prefix(length);
  }
  quoted += '"';
  if (bytes > size) quoted += "… (" + Grouped(bytes) + " bytes)";
  return quoted;
}

std::string NameOf(const ExplainedItem& item) {
  std::string name = item.field.empty() ? "keyword" : WithoutControls(item.field);
  for (const sigma::Modifier modifier : item.modifiers) {
    name.append("|").append(sigma::ToString(modifier));
  }
  return name;
}

std::vector<std::string> ExplanationLines(const RuleEntry& rule,
                                          const match::Explanation& explanation,
                                          const Terminal& terminal) {
  std::vector<std::string> lines;
  Tree tree(terminal, lines);
  tree.Line(0, TitleLine(rule,
                         Verdict(explanation.matches, "the event matches",
                                 "the event does not match", terminal),
                         terminal));
  tree.Dim(1, rule.rule_id() + "  " + rule.metadata->location.ToString());
  if (explanation.routing) PrintRouting(*explanation.routing, rule.subject(), tree);
  for (std::size_t i = 0; i < explanation.conditions.size(); ++i) {
    const ExplainedNode& condition = explanation.conditions[i];
    tree.Line(1, tree.Mark(condition.holds) + "condition " +
                     WithoutControls(ToText(rule.detection->conditions[i])));
    tree.Print(condition, 2);
  }
  for (const match::ExplainedFilter& filter : explanation.filters) PrintFilter(filter, tree);
  return lines;
}

std::vector<std::string> CorrelationLines(
    const RuleEntry& rule, const std::vector<pipeline::ExplainedReference>& references,
    const sigma::LinkedRules& rules, const Terminal& terminal) {
  std::vector<std::string> lines;
  Tree tree(terminal, lines);
  const bool counts = std::any_of(references.begin(), references.end(),
                                  [](const auto& reference) { return reference.matches; });
  tree.Line(0, TitleLine(rule,
                         Verdict(counts, "the event matches a rule that it counts",
                                 "the event matches none of the rules that it counts", terminal),
                         terminal));
  tree.Dim(1, rule.rule_id() + "  " + rule.metadata->location.ToString());
  tree.Line(1, WithoutControls(ToText(*rule.correlation)));
  tree.Line(1, "its window is not evaluated: that takes the other events, too");
  PrintReferences(references, rules, 1, tree);
  return lines;
}

}  // namespace auditflow::cli
