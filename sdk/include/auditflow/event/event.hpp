#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/event/value.hpp"

namespace auditflow::event {

/// What a parser refuses so that no input costs more than it should.
struct ParseLimits {
  std::size_t max_bytes = std::size_t{16} << 20U;  ///< of one document; 1 GiB at most
  std::size_t max_depth = 64;                      ///< nested objects and arrays; 1e6 at most
  std::size_t max_keys = 100'000;                  ///< object members in the whole document
};

/// One JSON object, parsed once and never changed: the original bytes and the values read from
/// them.
///
/// Thread safety: immutable between calls of `EventParser::ParseInto`. Movable, not copyable.
class Event {
 public:
  Event();
  ~Event();
  Event(Event&&) noexcept;
  Event& operator=(Event&&) noexcept;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// Becomes the same event as `other`, which requires a successful parse, in as little memory as
  /// it takes: a parser reserves several times that. Bytes that `other` was parsed from where they
  /// were (`EventParser::ParseInPlace`) are not copied.
  void CopyFrom(const Event& other);

  /// The top-level object. Requires a successful parse.
  [[nodiscard]] Value root() const;
  /// Exactly the bytes that were parsed.
  [[nodiscard]] std::string_view raw() const;

  /// The unescaped text of every string of the document, keys too, with bytes between that belong
  /// to none: what does not occur here occurs in no string. Requires a successful parse.
  [[nodiscard]] std::string_view strings() const;

  /// Events whose layouts are equal and not 0 have the same keys in the same order, and the same
  /// of them hold objects that are alike in this; arrays and scalars may stand for each other. What
  /// was found out about the keys of one holds for the others. 0: nothing is known.
  [[nodiscard]] std::uint64_t layout() const;
  /// Of an event with a layout: `Value::index` of what each key has that is not inside an array, in
  /// the order of the document; as many for all events of the layout. Empty without one.
  [[nodiscard]] std::span<const std::uint32_t> members() const;

  /// A number's text as it stands in the document ("1.50", "1e3", "-0"). Requires a numeric value
  /// of this event. Costs a scan of the document at the first call for a non-integer; not safe to
  /// call from several threads at once.
  [[nodiscard]] std::string_view NumberText(Value number) const;

 private:
  friend class EventParser;
  struct Document;

  /// Forgets what was parsed and keeps its memory.
  Document& Renew();

  std::unique_ptr<Document> document_;
};

/// Turns bytes into `Event`s: strict RFC 8259 as simdjson's DOM reads it, with the rules that audit
/// data needs. Documents with the keys of an earlier one are read faster.
///
/// Refused, each with the byte offset and the reason: anything but one object with optional white
/// space around it; duplicate keys in one object (compared after unescaping: parsers disagree on
/// which one wins); invalid UTF-8, unpaired surrogates, a byte-order mark; integers outside int64
/// and uint64, numbers beyond double; what exceeds the limits. Integers are kept exactly.
///
/// Thread safety: thread-compatible; one parser per thread. Parsing into a used event reuses its
/// memory, so a steady stream allocates nothing.
class EventParser {
 public:
  explicit EventParser(ParseLimits limits = {});
  ~EventParser();
  EventParser(EventParser&&) noexcept;
  EventParser& operator=(EventParser&&) noexcept;

  /// @return kInvalidArgument "offset N: reason" for malformed input, kResourceExhausted "offset N:
  /// …" for a limit.
  Result<Event> Parse(std::string_view json);
  /// The same into an existing event. After an error `event` is empty: only assign or parse into
  /// it.
  Status ParseInto(std::string_view json, Event& event);
  /// The same without a copy of the bytes: they have to stay where and as they are for as long as
  /// the event holds them, and `kPadding` further bytes behind them, whatever these are, must be
  /// readable.
  Status ParseInPlace(std::string_view json, Event& event);
  static constexpr std::size_t kPadding = 64;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Looks up `path` as Sigma does: the exact key of the top-level object first, else the dotted
/// path, in which an array stands for all its elements. Calls `visit(Value)` for every value found
/// (arrays are opened, elements of arrays of arrays too; an object is visited as it is). Where an
/// object has no member of the wanted name, at any step of the path, the first whose key without
/// its spaces is that name stands in for it: `ThreatName` finds `Threat Name` (Sigma's rule for
/// fields).
/// @return whether the key or path is present at all, be it null, empty or an empty array.
bool ForEachAt(const Event& event, std::string_view path, const std::function<void(Value)>& visit);

/// The first scalar at `path` (as above) that is not null, as text: strings as they are, numbers as
/// written, true/false; nothing for null, missing, objects and empty arrays.
std::optional<std::string> TextAt(const Event& event, std::string_view path);

}  // namespace auditflow::event
