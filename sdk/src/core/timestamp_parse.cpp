#include <cstddef>
#include <string>

#include "src/core/civil.hpp"

namespace auditflow {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Reads the text from left to right and keeps the first fault.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool AtEnd() const { return at_ == text_.size(); }
  [[nodiscard]] char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  [[nodiscard]] bool ok() const { return fault_.ok(); }
  [[nodiscard]] const Status& fault() const { return fault_; }

  bool Skip(char c) {
    if (Peek() != c || AtEnd()) return false;
    ++at_;
    return true;
  }
  bool SkipAnyOf(std::string_view set) {
    return !AtEnd() && set.find(Peek()) != std::string_view::npos && Skip(Peek());
  }
  void Expect(std::string_view set, const char* what) {
    if (ok() && !SkipAnyOf(set)) Refuse(std::string(what) + " expected");
  }
  int Digits(std::size_t count, const char* what, int low, int high) {
    if (!ok()) return low;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i, ++at_) {
      if (!IsDigit(Peek())) {
        Refuse(std::string(what) + " of " + std::to_string(count) + " digits expected");
        return low;
      }
      value = value * 10 + (Peek() - '0');
    }
    if (value < low || value > high) {
      at_ -= count;
      Refuse(std::string(what) + " " + std::string(text_.substr(at_, count)) + " is out of range");
      return low;
    }
    return value;
  }
  void Refuse(const std::string& reason) {
    if (ok()) {
      fault_ = InvalidArgument("timestamp: " + reason + " at character " + std::to_string(at_ + 1));
    }
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  Status fault_;
};

bool HasExpandedYear(std::string_view text) {
  const std::size_t sign = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  const std::size_t hyphen = text.find('-', sign);
  if (hyphen == std::string_view::npos || hyphen - sign < (sign != 0 ? 1U : 5U)) return false;
  for (std::size_t i = sign; i < hyphen; ++i) {
    if (!IsDigit(text[i])) return false;
  }
  return true;
}

std::int64_t ReadFraction(Reader& reader) {
  if (!reader.ok() || !reader.SkipAnyOf(".,")) return 0;
  if (!IsDigit(reader.Peek())) reader.Refuse("a fraction digit expected");
  std::int64_t nanos = 0;
  std::int64_t unit = kNanosPerSecond;
  while (IsDigit(reader.Peek())) {
    unit /= 10;
    nanos += (reader.Peek() - '0') * unit;
    reader.Skip(reader.Peek());
  }
  return nanos;
}

int ReadOffset(Reader& reader) {
  if (!reader.ok() || reader.AtEnd() || reader.SkipAnyOf("Zz")) return 0;
  const bool west = reader.Peek() == '-';
  if (!reader.SkipAnyOf("+-")) {
    reader.Refuse("Z or an offset expected");
    return 0;
  }
  const int hours = reader.Digits(2, "offset hour", 0, 23);
  const bool colon = reader.ok() && reader.Skip(':');
  const bool has_minutes = colon || IsDigit(reader.Peek());
  const int minutes = has_minutes ? reader.Digits(2, "offset minute", 0, 59) : 0;
  const int east = (hours * 60 + minutes) * (west ? -1 : 1);
  // Some producers append Z to an offset of zero; with any other offset the text contradicts
  // itself.
  if (east == 0) reader.SkipAnyOf("Zz");
  return east;
}

}  // namespace

Result<WrittenTime> ParseWrittenTime(std::string_view text) {
  if (HasExpandedYear(text)) {
    return Error(OutOfRange("timestamp: only years of four digits are supported"));
  }
  Reader reader(text);
  const int year = reader.Digits(4, "year", 0, 9999);
  reader.Expect("-", "a hyphen");
  const int month = reader.Digits(2, "month", 1, 12);
  reader.Expect("-", "a hyphen");
  const int day = reader.Digits(2, "day", 1, DaysInMonth(year, month));
  reader.Expect("Tt ", "T or a space");
  const int hour = reader.Digits(2, "hour", 0, 23);
  reader.Expect(":", "a colon");
  const int minute = reader.Digits(2, "minute", 0, 59);
  reader.Expect(":", "a colon");
  const int second = reader.Digits(2, "second", 0, 60);
  WrittenTime written;
  written.nanos = ReadFraction(reader);
  written.offset_minutes = ReadOffset(reader);
  if (!reader.AtEnd()) reader.Refuse("trailing text");
  if (!reader.ok()) return Error(reader.fault());
  if (second == 60) written.nanos = 0;  // a leap second counts as the instant that follows it
  written.local_seconds = DaysFromCivil(year, month, day) * kSecondsPerDay +
                          std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second;
  return written;
}

}  // namespace auditflow
