#include "auditflow/event/event.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "src/event/diagnose.hpp"
#include "src/event/document.hpp"
#include "src/event/layout_reader.hpp"
#include "src/event/layout_tree.hpp"
#include "src/event/tape_check.hpp"

namespace auditflow::event {
namespace {

constexpr std::size_t kSmallestCapacity = 4096;
constexpr std::size_t kDeepest = 1'000'000;              // simdjson reserves 9 bytes for each level
constexpr std::size_t kLargest = std::size_t{1} << 30U;  // its offsets are 32-bit

ParseLimits Clamp(ParseLimits limits) {
  limits.max_bytes = std::min(limits.max_bytes, kLargest);
  limits.max_depth = std::min(limits.max_depth, kDeepest);
  return limits;
}

Status ToStatus(const Fault& fault) {
  return {fault.code, "offset " + std::to_string(fault.offset) + ": " + fault.reason, Retry::kNo};
}

}  // namespace

Event::Event() : document_(std::make_unique<Document>()) {}
Event::~Event() = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(Event&&) noexcept = default;

Event::Document& Event::Renew() {
  if (!document_) document_ = std::make_unique<Document>();
  document_->text = {};
  document_->tape = {};
  document_->numbers.known = false;
  return *document_;
}

void Event::CopyFrom(const Event& other) {
  const Document& from = *other.document_;
  assert(from.tape.words != nullptr);
  Document& document = Renew();
  document.text = from.text;
  if (from.text.data() == from.bytes.data()) {
    document.bytes.Assign(from.text);
    document.text = document.bytes.view();
  }
  const auto words = static_cast<std::uint32_t>(from.tape.words[0]);  // the first says how many
  const std::size_t strings = from.strings_size + EventParser::kPadding;
  document.ReserveCopy(words + (strings + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
  std::uint64_t* const to = document.copied.get();
  std::copy_n(from.tape.words, words, to);
  auto* const to_strings = reinterpret_cast<std::uint8_t*>(to + words);
  std::memcpy(to_strings, from.tape.strings, strings);
  document.tape = {to, to_strings};
  document.strings_size = from.strings_size;
  document.layout = from.layout;
  document.members = from.members;
}

Value Event::root() const {
  assert(document_ && document_->tape.words != nullptr);
  return {&document_->tape, kRootIndex};
}

std::string_view Event::raw() const { return document_ ? document_->text : std::string_view(); }

std::string_view Event::strings() const {
  assert(document_ && document_->tape.words != nullptr);
  return {reinterpret_cast<const char*>(document_->tape.strings), document_->strings_size};
}

std::uint64_t Event::layout() const {
  assert(document_);
  return document_->layout;
}

std::span<const std::uint32_t> Event::members() const {
  assert(document_);
  return document_->members;
}

std::string_view Event::NumberText(Value number) const {
  NumberPlaces& numbers = document_->numbers;
  if (!numbers.known) LocateNumbers(raw(), numbers);
  const auto place = std::lower_bound(
      numbers.places.begin(), numbers.places.end(), number.index(),
      [](const NumberPlaces::Place& p, std::uint32_t index) { return p.tape_index < index; });
  assert(place != numbers.places.end() && place->tape_index == number.index());
  return raw().substr(place->begin, place->size);
}

/// What is far more than needed is given back.
void Event::Document::ReserveCopy(std::size_t words) {
  constexpr std::size_t kMostTimes = 4;
  if (copied_words >= words && copied_words <= kMostTimes * words) return;
  copied.reset();
  copied.reset(new std::uint64_t[words]);
  copied_words = words;
}

struct EventParser::Impl {
  ParseLimits limits;
  simdjson::dom::parser parser{kLargest};
  LayoutTree layouts;
  LayoutTree::Followed followed;
  TapeCheck check;

  /// Refuses what is too long before anything is done with it.
  [[nodiscard]] Status CheckSize(std::string_view json) const;
  Status Parse(Event::Document& document);
  bool Reserve(Event::Document& document);
  bool Read(Event::Document& document);
  bool ReadTape(Event::Document& document, const Tape& tape);
};

Status EventParser::Impl::CheckSize(std::string_view json) const {
  return json.size() > limits.max_bytes ? ToStatus(*Diagnose(json, limits)) : Status();
}

/// Of the document's text. After an error the document is empty.
Status EventParser::Impl::Parse(Event::Document& document) {
  const std::string_view json = document.text;
  if (!Reserve(document)) {
    document.text = {};
    return ResourceExhausted("offset 0: no memory for a document of " +
                             std::to_string(json.size()) + " bytes");
  }
  if (Read(document)) return {};
  const auto fault = Diagnose(json, limits);
  document.text = {};
  return fault ? ToStatus(*fault) : InvalidArgument("offset 0: malformed JSON");
}

/// In powers of two: simdjson itself grows to the byte, again with each document that is longer.
bool EventParser::Impl::Reserve(Event::Document& document) {
  const std::size_t needed = std::bit_ceil(document.text.size() + 1);
  const std::size_t capacity = std::max(kSmallestCapacity, needed);
  if (parser.capacity() < capacity &&
      parser.allocate(capacity, limits.max_depth + 1) != simdjson::SUCCESS) {
    return false;
  }
  const std::size_t space = needed + LayoutReader::kSlack;
  return document.parsed.capacity() >= space ||
         document.parsed.allocate(space) == simdjson::SUCCESS;
}

bool EventParser::Impl::Read(Event::Document& document) {
  const Tape tape{document.parsed.tape.get(), document.parsed.string_buf.get()};
  if (!ReadTape(document, tape)) return false;
  document.tape = tape;
  document.strings_size = check.strings_size();
  document.layout = followed.layout;
  document.members.assign(followed.members.begin(), followed.members.begin() + followed.count);
  return true;
}

bool EventParser::Impl::ReadTape(Event::Document& document, const Tape& tape) {
  const bool asks_layouts = layouts.IsWorthAsking();
  if (asks_layouts && LayoutReader::IsSupported() &&
      LayoutReader::Read(document.text, layouts,
                         {document.parsed.tape.get(), document.parsed.string_buf.get()},
                         followed)) {
    return check.AcceptsFollowed(tape, followed, limits);
  }
  const auto root = parser.parse_into_document(document.parsed, document.text.data(),
                                               document.text.size(), false);
  if (root.error() != simdjson::SUCCESS || !Value(&tape, kRootIndex).is_object()) return false;
  if (asks_layouts && layouts.Follow(tape, followed)) {
    return check.AcceptsFollowed(tape, followed, limits);
  }
  if (!check.Accepts(tape, limits)) return false;
  if (!asks_layouts || !layouts.Learn(tape) || !layouts.Follow(tape, followed)) {
    followed.layout = 0;
    followed.count = 0;
  }
  return true;
}

EventParser::EventParser(ParseLimits limits) : impl_(std::make_unique<Impl>()) {
  impl_->limits = Clamp(limits);
}
EventParser::~EventParser() = default;
EventParser::EventParser(EventParser&&) noexcept = default;
EventParser& EventParser::operator=(EventParser&&) noexcept = default;

Result<Event> EventParser::Parse(std::string_view json) {
  Event event;
  Status status = ParseInto(json, event);
  if (!status.ok()) return Error(std::move(status));
  return event;
}

Status EventParser::ParseInto(std::string_view json, Event& event) {
  Event::Document& document = event.Renew();
  if (Status status = impl_->CheckSize(json); !status.ok()) return status;
  document.bytes.Assign(json);
  document.text = document.bytes.view();
  return impl_->Parse(document);
}

Status EventParser::ParseInPlace(std::string_view json, Event& event) {
  static_assert(kPadding >= simdjson::SIMDJSON_PADDING);
  Event::Document& document = event.Renew();
  if (Status status = impl_->CheckSize(json); !status.ok()) return status;
  document.text = json;
  return impl_->Parse(document);
}

}  // namespace auditflow::event
