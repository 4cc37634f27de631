#include <algorithm>
#include <memory>
#include <numeric>
#include <unordered_map>
#include <utility>

#include <yaml.h>

#include "auditflow/sigma/yaml.hpp"

#include "src/sigma/scalar.hpp"
#include "src/sigma/text.hpp"
#include "src/sigma/tree_size.hpp"
#include "src/sigma/yaml_text.hpp"

namespace auditflow::sigma {
namespace {

/// One document needs none or a few; libyaml's time is quadratic in their number.
constexpr std::size_t kMaxDirectives = 64;

std::string_view View(const yaml_char_t* text) {
  // libyaml's characters are unsigned, ours are not.
  return text == nullptr ? std::string_view()
                         : std::string_view(reinterpret_cast<const char*>(text));
}

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }
  yaml_event_t* get() { return &event_; }
  const yaml_event_t* operator->() const { return &event_; }
  const yaml_event_t& operator*() const { return event_; }

 private:
  yaml_event_t event_{};
};

class YamlReader {
 public:
  YamlReader(std::string_view text, std::string file_name, const LoadLimits& limits)
      : text_(text),
        file_(std::make_shared<const std::string>(std::move(file_name))),
        limits_(limits),
        usable_(yaml_parser_initialize(&parser_) == 1) {}
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;
  ~YamlReader() {
    if (usable_) yaml_parser_delete(&parser_);
  }

  YamlResult Read() {
    if (!usable_) {
      Fail({file_, 1, 1}, "limit", "not enough memory to read YAML");
    } else if (InputIsAcceptable()) {
      yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text_.data()),
                                   text_.size());
      yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
      while (!ended_) Step();
    }
    return std::move(result_);
  }

 private:
  /// A collection that is still open.
  struct Frame {
    Node node;
    std::string key;
    SourceLocation key_location;
    bool has_key = false;
    std::string anchor;
  };
  struct Anchor {
    Node node;
    TreeSize size;
  };

  bool InputIsAcceptable() {
    if (text_.size() > limits_.max_file_bytes) {
      Fail({file_, 1, 1}, "limit",
           "the file has " + std::to_string(text_.size()) + " bytes; the limit is " +
               std::to_string(limits_.max_file_bytes));
    } else if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF")) {
      bool converted = false;
      utf8_ = FromUtf16(text_, &converted);
      text_ = utf8_;
    }
    if (!ended_ && CountDirectives(text_) > kMaxDirectives) {
      Fail({file_, 1, 1}, "limit",
           "more than " + std::to_string(kMaxDirectives) + " %TAG or %YAML directives");
    }
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    return !ended_;
  }

  void Step() {
    Event event;
    if (yaml_parser_parse(&parser_, event.get()) == 0) return ReportSyntaxError();
    switch (event->type) {
      case YAML_STREAM_END_EVENT:
        ended_ = true;
        break;
      case YAML_DOCUMENT_START_EVENT:
        StartDocument();
        break;
      case YAML_DOCUMENT_END_EVENT:
        EndDocument();
        break;
      case YAML_SCALAR_EVENT:
        OnScalar(*event);
        break;
      case YAML_ALIAS_EVENT:
        OnAlias(*event);
        break;
      case YAML_SEQUENCE_START_EVENT:
        Open(*event, Node::Kind::kSequence, View(event->data.sequence_start.anchor),
             View(event->data.sequence_start.tag));
        break;
      case YAML_MAPPING_START_EVENT:
        Open(*event, Node::Kind::kMap, View(event->data.mapping_start.anchor),
             View(event->data.mapping_start.tag));
        break;
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        Close();
        break;
      default:
        break;
    }
  }

  void StartDocument() {
    root_ = Node();
    anchors_.clear();
    document_ok_ = true;
  }

  void EndDocument() {
    if (document_ok_) {
      result_.documents.push_back(std::move(root_));
    } else {
      ++result_.faulty_documents;
    }
    if (++documents_ <= limits_.max_documents) return;
    Fail(Place(parser_.mark), "limit",
         "more than " + std::to_string(limits_.max_documents) + " documents in one file");
  }

  void OnScalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    Node node;
    node.location = Place(event.start_mark);
    node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    node.kind = Node::Kind::kString;
    node.style = StyleOf(event);
    const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (scalar.tag != nullptr) {
      ApplyTag(View(scalar.tag), node);
    } else if (plain) {
      ResolvePlainScalar(node);
    }
    if (!Count()) return;
    plain_merge_ = plain && node.text == "<<";
    Finish(std::move(node), View(scalar.anchor));
  }

  static Node::Style StyleOf(const yaml_event_t& event) {
    const yaml_scalar_style_t style = event.data.scalar.style;
    const bool block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
    if (block || event.start_mark.line != event.end_mark.line) return Node::Style::kFolded;
    return style == YAML_PLAIN_SCALAR_STYLE ? Node::Style::kPlain : Node::Style::kQuoted;
  }

  void ApplyTag(std::string_view tag, Node& node) {
    constexpr std::string_view kCore = "tag:yaml.org,2002:";
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return;
    using Kind = Node::Kind;
    ResolvePlainScalar(node);
    const std::string_view name = tag.starts_with(kCore) ? tag.substr(kCore.size()) : "";
    const bool integer = node.kind == Kind::kInteger || node.kind == Kind::kUnsigned;
    if (name == "float" && integer) {
      node.number = node.kind == Kind::kInteger ? static_cast<double>(node.integer)
                                                : static_cast<double>(node.unsigned_integer);
      node.kind = Kind::kDouble;
    }
    const bool fits = (name == "int" && integer) ||
                      (name == "float" && node.kind == Kind::kDouble) ||
                      (name == "bool" && node.kind == Kind::kBool) ||
                      (name == "null" && node.kind == Kind::kNull);
    if (!fits) {
      Refuse(node.location, "yaml-tag",
             "tag " + Quote(tag) + " is unknown here or does not fit " + Quote(node.text) +
                 "; write the value without a tag");
    }
  }

  void OnAlias(const yaml_event_t& event) {
    const std::string name(View(event.data.alias.anchor));
    const SourceLocation place = Place(event.start_mark);
    const auto found = anchors_.find(name);
    plain_merge_ = false;
    if (found != anchors_.end()) {
      if (!Expand(found->second.size, place)) return;
      return Attach(Node(found->second.node));
    }
    const bool inside = std::any_of(stack_.begin(), stack_.end(),
                                    [&](const Frame& frame) { return frame.anchor == name; });
    Refuse(place, "yaml-alias",
           "alias " + Quote("*" + name) +
               (inside ? " stands inside its own anchor" : " has no anchor before it"));
    Node node;
    node.location = place;
    Attach(std::move(node));
  }

  void Open(const yaml_event_t& event, Node::Kind kind, std::string_view anchor,
            std::string_view tag) {
    const SourceLocation place = Place(event.start_mark);
    if (stack_.size() >= limits_.max_depth) {
      return Fail(place, "limit",
                  "nested deeper than " + std::to_string(limits_.max_depth) +
                      " collections; nothing is read from here on");
    }
    if (!Count()) return;
    const bool known =
        tag.empty() || tag == "!" ||
        tag == (kind == Node::Kind::kMap ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq");
    if (!known) Refuse(place, "yaml-tag", "tag " + Quote(tag) + " is unknown here; remove it");
    Frame frame;
    frame.node.kind = kind;
    frame.node.location = place;
    frame.anchor = anchor;
    stack_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    if (frame.node.kind == Node::Kind::kMap) RefuseDuplicateKeys(frame.node);
    plain_merge_ = false;
    Finish(std::move(frame.node), frame.anchor);
  }

  void Finish(Node node, std::string_view anchor) {
    if (!anchor.empty()) {
      const TreeSize size = SizeOf(node);
      if (!Expand(size, node.location)) return;
      anchors_.insert_or_assign(std::string(anchor), Anchor{node, size});
    }
    Attach(std::move(node));
  }

  void Attach(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.kind == Node::Kind::kSequence) {
      frame.node.items.push_back(std::move(node));
    } else if (frame.has_key) {
      frame.has_key = false;
      frame.node.members.push_back(
          {std::move(frame.key), std::move(frame.key_location), std::move(node)});
    } else {
      TakeKey(frame, std::move(node));
    }
  }

  void TakeKey(Frame& frame, Node node) {
    if (!node.is_scalar()) {
      Refuse(node.location, "yaml-key", "a key must be a scalar, not a list or a map");
    } else if (plain_merge_) {
      Refuse(node.location, "yaml-merge",
             "merge keys (<<) are not part of YAML 1.2; write the keys out");
    }
    frame.has_key = true;
    frame.key = std::move(node.text);
    frame.key_location = std::move(node.location);
  }

  void RefuseDuplicateKeys(const Node& map) {
    std::vector<std::size_t> order(map.members.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return map.members[a].key < map.members[b].key;
    });
    for (std::size_t i = 1; i < order.size(); ++i) {
      const Node::Member& first = map.members[order[i - 1]];
      const Node::Member& second = map.members[order[i]];
      if (first.key != second.key) continue;
      Refuse(second.key_location, "duplicate-key",
             "key " + Quote(second.key) + " stands already in line " +
                 std::to_string(first.key_location.line) +
                 "; one of them would be lost. Join them, or use a list");
    }
  }

  bool Count() {
    if (++nodes_ <= limits_.max_nodes) return true;
    Fail(Place(parser_.mark), "limit",
         "more than " + std::to_string(limits_.max_nodes) + " YAML nodes in one file");
    return false;
  }

  /// Aliases and anchors are copies: they have a budget of their own, checked before copying.
  bool Expand(const TreeSize& size, const SourceLocation& place) {
    expanded_ += size;
    nodes_ += size.nodes;
    if (nodes_ <= limits_.max_nodes && expanded_.nodes <= limits_.max_expanded_nodes &&
        expanded_.bytes <= limits_.max_expanded_bytes) {
      return true;
    }
    Fail(place, "limit",
         "anchors and aliases add more than " + std::to_string(limits_.max_expanded_nodes) +
             " nodes or " + std::to_string(limits_.max_expanded_bytes) +
             " bytes to this file; nothing is read from here on");
    return false;
  }

  [[nodiscard]] SourceLocation Place(const yaml_mark_t& mark) const {
    return {file_, static_cast<std::uint32_t>(mark.line + 1),
            static_cast<std::uint32_t>(mark.column + 1)};
  }

  void Add(const SourceLocation& place, std::string code, std::string message) {
    result_.diagnostics.push_back(
        {DiagnosticKind::kInvalid, place, std::move(code), std::move(message)});
  }

  /// Gives up the document, at most `max_diagnostics` times with words.
  void Refuse(const SourceLocation& place, std::string code, std::string message) {
    document_ok_ = false;
    if (refusals_++ < limits_.max_diagnostics) Add(place, std::move(code), std::move(message));
  }

  /// Gives up the rest of the file.
  void Fail(const SourceLocation& place, std::string code, std::string message) {
    ended_ = true;
    ++result_.faulty_documents;
    Add(place, std::move(code), std::move(message));
  }

  void ReportSyntaxError() {
    const std::string problem = parser_.problem == nullptr ? "unreadable" : parser_.problem;
    if (parser_.error == YAML_READER_ERROR) {
      const LineColumn at = PlaceOf(text_, parser_.problem_offset);
      return Fail({file_, at.line, at.column}, "yaml-encoding",
                  "not valid text: " + problem + " at byte " +
                      std::to_string(parser_.problem_offset) + "; save the file as UTF-8");
    }
    if (parser_.error == YAML_MEMORY_ERROR) {
      return Fail(Place(parser_.mark), "limit", "not enough memory to read YAML");
    }
    std::string message = "not valid YAML: " + problem;
    if (parser_.context != nullptr) {
      message += std::string(" ") + parser_.context + " that starts in line " +
                 std::to_string(parser_.context_mark.line + 1);
    }
    Fail(Place(parser_.problem_mark), "yaml-syntax", message + HintFor(problem));
  }

  [[nodiscard]] std::string HintFor(std::string_view problem) const {
    if (problem.find("cannot start any token") == std::string_view::npos) return "";
    return IsIndentedByTab(text_, parser_.problem_mark.line)
               ? "; indent with spaces, not with tabs"
               : "; put a value that starts with a special character in quotes";
  }

  std::string utf8_;  ///< the text if it came as UTF-16
  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  const LoadLimits& limits_;
  yaml_parser_t parser_{};
  bool usable_;

  YamlResult result_;
  std::vector<Frame> stack_;
  std::unordered_map<std::string, Anchor> anchors_;
  Node root_;
  std::size_t nodes_ = 0;
  std::size_t documents_ = 0;
  TreeSize expanded_;
  std::size_t refusals_ = 0;
  bool document_ok_ = true;
  bool plain_merge_ = false;
  bool ended_ = false;
};

}  // namespace

YamlResult LoadYaml(std::string_view text, std::string file_name, const LoadLimits& limits) {
  return YamlReader(text, std::move(file_name), limits).Read();
}

}  // namespace auditflow::sigma
