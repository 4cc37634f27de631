#include "src/sigma/action_documents.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "src/sigma/documents.hpp"
#include "src/sigma/fields.hpp"
#include "src/sigma/tree_size.hpp"

namespace auditflow::sigma {
namespace {

enum class Action : std::uint8_t { kNone, kGlobal, kReset, kRepeat, kUnknown };

Action ActionOf(const Node& document) {
  const Node* action = document.Find("action");
  if (action == nullptr) return Action::kNone;
  if (action->text == "global") return Action::kGlobal;
  if (action->text == "reset") return Action::kReset;
  return action->text == "repeat" ? Action::kRepeat : Action::kUnknown;
}

void DropAction(Node& document) {
  std::erase_if(document.members, [](const Node::Member& m) { return m.key == "action"; });
}

/// Puts `changes` over `base`. Quadratic in a map's keys, so both sides have been measured before.
void MergeInto(Node& base, Node changes) {
  if (base.kind != Node::Kind::kMap || changes.kind != Node::Kind::kMap) {
    base = std::move(changes);
    return;
  }
  base.location = std::move(changes.location);
  for (Node::Member& member : changes.members) {
    Node* existing = FindMember(base, member.key);
    if (existing == nullptr) {
      base.members.push_back(std::move(member));
    } else {
      MergeInto(*existing, std::move(member.value));
    }
  }
}

class Actions {
 public:
  Actions(const LoadLimits& limits, std::vector<Diagnostic>& diagnostics)
      : limits_(limits), diagnostics_(diagnostics) {}

  std::vector<Node> Apply(std::vector<Node> documents) {
    for (std::size_t i = 0; i < documents.size() && !exhausted_; ++i) {
      const bool repeats =
          i + 1 < documents.size() && ActionOf(documents[i + 1]) == Action::kRepeat;
      ApplyOne(std::move(documents[i]), repeats);
    }
    return std::move(result_);
  }

 private:
  void ApplyOne(Node document, bool keep) {
    const Action action = ActionOf(document);
    if (action == Action::kUnknown) return Refuse(document);
    if (action != Action::kNone) {
      Warn(document);
      DropAction(document);
    }
    switch (action) {
      case Action::kGlobal:
        global_ = std::move(document);
        return;
      case Action::kReset:
        global_ = Node();
        return;
      case Action::kRepeat:
        return Emit(std::move(previous_), std::move(document), keep);
      case Action::kNone:
        return Emit(global_, std::move(document), keep);
      case Action::kUnknown:
        return;
    }
  }

  void Emit(Node base, Node document, bool keep) {
    const bool merges = !base.members.empty() && document.kind == Node::Kind::kMap;
    if (merges && !Expand(base, document)) return;
    if (merges) {
      MergeInto(base, std::move(document));
      document = std::move(base);
    }
    if (keep) {
      if (!Expand(document, document)) return;
      previous_ = document;
    }
    result_.push_back(std::move(document));
  }

  bool Expand(const Node& copied, const Node& place) {
    expanded_ += SizeOf(copied);
    exhausted_ = expanded_.nodes > limits_.max_expanded_nodes ||
                 expanded_.bytes > limits_.max_expanded_bytes ||
                 copied.members.size() > kMaxMergedKeys;
    if (!exhausted_) return true;
    diagnostics_.push_back({DiagnosticKind::kInvalid, place.location, "limit",
                            "'action: global' and 'action: repeat' make this file too large; "
                            "nothing is read from here on"});
    return false;
  }

  void Refuse(const Node& document) {
    const Node& action = *document.Find("action");
    diagnostics_.push_back({DiagnosticKind::kInvalid, action.location, "unknown-action",
                            "'action' cannot be " + Describe(action) +
                                "; it is global, reset or repeat, a legacy of old Sigma"});
  }

  void Warn(const Node& document) {
    if (std::exchange(warned_, true)) return;
    diagnostics_.push_back({DiagnosticKind::kWarning, document.location, "legacy-action",
                            "'action' is a legacy of old Sigma; write each rule in full"});
  }

  static constexpr std::size_t kMaxMergedKeys = 1'000;

  const LoadLimits& limits_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<Node> result_;
  Node global_;
  Node previous_;
  TreeSize expanded_;
  bool exhausted_ = false;
  bool warned_ = false;
};

}  // namespace

std::vector<Node> ApplyActions(std::vector<Node> documents, const LoadLimits& limits,
                               std::vector<Diagnostic>& diagnostics) {
  const bool any = std::any_of(documents.begin(), documents.end(), [](const Node& document) {
    return ActionOf(document) != Action::kNone;
  });
  if (!any) return documents;
  return Actions(limits, diagnostics).Apply(std::move(documents));
}

}  // namespace auditflow::sigma
