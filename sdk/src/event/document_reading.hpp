#pragma once

#include "src/event/string_block.hpp"

#if defined(__x86_64__)

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "auditflow/core/utf8.hpp"

#include "src/event/json_space.hpp"
#include "src/event/layout_reader.hpp"
#include "src/event/layout_tree.hpp"
#include "src/event/scan_number.hpp"
#include "src/event/tape_words.hpp"

namespace auditflow::event {

/// Goes over the text of one document and writes its tape. Every `Read…` returns false to give up;
/// nothing behind the end of the text is taken for a part of it. What calls take no address of
/// stays in registers, therefore nearly all is inlined.
class DocumentReading {
 public:
  DocumentReading(std::string_view json, TapeSpace space)
      : at_(json.data()),
        end_(json.data() + json.size()),
        words_(space.words),
        strings_(space.strings),
        string_(space.strings) {}

  /// May go one byte behind the end. Branches, for they can be foreseen: a step that is computed
  /// from the byte would be waited for.
  AUDITFLOW_AVX2_INLINE void SkipSpace() {
    if (!IsControlOrSpace(*at_)) return;
    if (*at_ == ' ' && !IsControlOrSpace(at_[1])) {
      ++at_;
    } else {
      SkipSpaceToEnd();
    }
  }
  AUDITFLOW_AVX2_INLINE void SkipSpaceToEnd() {
    while (at_ < end_ && IsSpace(*at_)) ++at_;
  }
  /// White space, the character, white space. @return whether the character is there.
  AUDITFLOW_AVX2_INLINE bool Skip(char c) {
    SkipSpace();
    if (*at_ != c) return false;
    ++at_;
    SkipSpace();
    return true;
  }
  [[nodiscard]] char Peek() const { return *at_; }
  [[nodiscard]] const char* at() const { return at_; }
  /// Negative behind the end.
  [[nodiscard]] std::ptrdiff_t left() const { return end_ - at_; }
  void Advance(std::size_t bytes) { at_ += bytes; }

  [[nodiscard]] std::uint32_t index() const { return index_; }
  /// Of the strings' space, without the zero behind the last one.
  [[nodiscard]] std::size_t strings_size() const {
    return static_cast<std::size_t>(string_ - strings_) - 1;
  }

  AUDITFLOW_AVX2_INLINE void Append(std::uint64_t payload, char type) {
    words_[index_++] = payload | static_cast<std::uint64_t>(type) << 56U;
  }
  /// Leaves room for the word of a container whose first character is here.
  /// @return the word's index.
  AUDITFLOW_AVX2_INLINE std::uint32_t Open() {
    ++at_;
    return index_++;
  }
  /// The closing word of what was opened at `open`, and what was left out of its opening one.
  AUDITFLOW_AVX2_INLINE void Close(std::uint32_t open, char opening, char closing,
                                   std::uint32_t count) {
    Append(open, closing);
    const std::uint64_t counted = std::min(count, kMostCounted);
    words_[open] = index_ | counted << 32U | static_cast<std::uint64_t>(opening) << 56U;
  }
  /// Behind the root's last brace. @return whether nothing but white space follows.
  AUDITFLOW_AVX2_INLINE bool CloseRoot() {
    SkipSpaceToEnd();
    if (left() != 0) return false;
    Append(0, 'r');
    words_[0] = index_ | static_cast<std::uint64_t>('r') << 56U;
    return true;
  }

  /// Whether here, behind its quote, stands this key. 32 bytes of `key` must be readable.
  [[nodiscard]] AUDITFLOW_AVX2_INLINE bool IsKey(const char* key, std::ptrdiff_t size) const {
    if (size >= left() || at_[size] != '"') return false;
    if (size > std::ptrdiff_t{kVector}) {
      return std::memcmp(at_, key, static_cast<std::size_t>(size)) == 0;
    }
    const __m256i same = _mm256_cmpeq_epi8(LoadVector(at_), LoadVector(key));
    const std::uint64_t behind = ~std::uint64_t{0} << static_cast<unsigned>(size);
    return (static_cast<std::uint32_t>(_mm256_movemask_epi8(same)) | behind) == ~std::uint64_t{0};
  }
  /// Up to the next quote, be it escaped or not. @return -1 if there is none.
  [[nodiscard]] std::ptrdiff_t SizeOfPlainKey() const {
    if (left() <= 0) return -1;
    const void* const quote = std::memchr(at_, '"', static_cast<std::size_t>(left()));
    return quote == nullptr ? -1 : static_cast<const char*>(quote) - at_;
  }
  /// A key without escapes, from behind its opening quote to behind its closing one.
  AUDITFLOW_AVX2_INLINE void ReadPlainKey(std::size_t size) {
    std::uint8_t* const to = string_ + sizeof(std::uint32_t);
    if (size <= kVector) {
      StoreVector(to, LoadVector(at_));
    } else {
      std::memcpy(to, at_, size);
    }
    at_ += size + 1;
    AppendString(to + size);
  }

  /// From behind its opening quote to behind its closing one.
  AUDITFLOW_AVX2_INLINE bool ReadString() {
    std::uint8_t* to = string_ + sizeof(std::uint32_t);
    while (at_ < end_) {
      const __m256i first = LoadVector(at_);
      const __m256i second = LoadVector(at_ + kVector);
      all_bytes_ = _mm256_or_si256(all_bytes_, _mm256_or_si256(first, second));
      const Specials specials{MaskOf(StopsIn(first), StopsIn(second)),
                              MaskOf(BackslashesIn(first), BackslashesIn(second))};
      if ((specials.backslashes & (specials.stops ^ (specials.stops - 1))) != 0) {
        if (!ReadEscapes(specials, to)) return false;
      } else {
        StoreVector(to, first);
        StoreVector(to + kVector, second);
        const auto plain = static_cast<unsigned>(std::countr_zero(specials.stops));
        at_ += plain;
        to += plain;
        if (plain == kBlock) continue;
        if (*at_ != '"') return false;
      }
      if (*at_ == '"') {
        ++at_;
        AppendString(to);
        return at_ <= end_;
      }
    }
    return false;
  }

  /// Any value but an object, and a container only inside of an array.
  AUDITFLOW_AVX2_INLINE bool ReadScalar() {
    switch (*at_) {
      case '"':
        ++at_;
        return ReadString();
      case 't':
        return ReadWord("true", 't');
      case 'f':
        return ReadWord("false", 'f');
      case 'n':
        return ReadWord("null", 'n');
      default:
        return ReadNumber();
    }
  }

  /// From its opening bracket to behind its closing one, whatever is in it.
  AUDITFLOW_AVX2_INLINE bool ReadArray() {
    return ReadRarely([](DocumentReading& copy) AUDITFLOW_AVX2 { return copy.ReadArray(1); });
  }

  /// Any value but an object. An array, which is at this depth, is noted.
  AUDITFLOW_AVX2_INLINE bool ReadNoObject(std::uint32_t depth,
                                          std::vector<LayoutTree::Followed::Array>& arrays) {
    if (*at_ != '[') return ReadScalar();
    arrays.push_back({index_, depth});
    return ReadArray();
  }

  /// Whether every byte of the strings is ASCII.
  [[nodiscard]] AUDITFLOW_AVX2_INLINE bool IsAscii() const {
    return _mm256_movemask_epi8(all_bytes_) == 0;
  }

 private:
  static constexpr std::uint32_t kMostCounted = 0xffffff;  ///< as simdjson does

  static bool IsControlOrSpace(char c) { return static_cast<unsigned char>(c) <= ' '; }

  /// Of a block with escapes: up to its end, a quote, a control character or an escape of a code
  /// point, which is read, too.
  AUDITFLOW_AVX2_INLINE bool ReadEscapes(const Specials& specials, std::uint8_t*& to) {
    const std::uint64_t escapes = EscapesIn(specials.backslashes);
    const std::uint64_t escaped = escapes << 1U;
    const std::uint64_t stops = specials.stops & ~escaped;
    // A last backslash is left for the block that what it escapes is in.
    unsigned size = escapes >> (kBlock - 1) != 0 ? kBlock - 1 : kBlock;
    size = std::min(size, static_cast<unsigned>(std::countr_zero(stops)));
    bool is_code_point = false;
    if (const std::uint64_t letters = _bzhi_u64(escaped & ~specials.backslashes, size);
        letters != 0) {
      alignas(__m256i) std::array<char, kBlock> meant;
      const std::uint64_t meaningless = letters & ReplaceByMeaning(letters, meant.data());
      if (meaningless != 0) {
        const auto letter = static_cast<unsigned>(std::countr_zero(meaningless));
        is_code_point = at_[letter] == 'u';
        if (!is_code_point) return false;
        size = letter - 1;
      }
      CopyBut(meant.data(), escapes, to);
    } else {
      CopyBut(at_, escapes, to);
    }
    at_ += size;
    to += size - static_cast<unsigned>(std::popcount(_bzhi_u64(escapes, size)));
    return !is_code_point || ReadCodePoint(to);
  }

  /// Copies a block. @return the bytes that would mean nothing behind a backslash.
  AUDITFLOW_AVX2_INLINE std::uint64_t ReplaceByMeaning(std::uint64_t escaped, char* to) const {
    const auto replace = [&](unsigned offset) AUDITFLOW_AVX2 {
      const __m256i bytes = LoadVector(at_ + offset);
      const __m256i meaning = MeaningOf(bytes);
      const __m256i chosen = BytesOf(static_cast<std::uint32_t>(escaped >> offset));
      _mm256_store_si256(reinterpret_cast<__m256i*>(to + offset),
                         _mm256_blendv_epi8(bytes, meaning, chosen));
      return _mm256_cmpeq_epi8(meaning, _mm256_setzero_si256());
    };
    const __m256i first = replace(0);
    const __m256i second = replace(kVector);
    return MaskOf(first, second);
  }

  AUDITFLOW_AVX2_INLINE void AppendString(std::uint8_t* end) {
    const auto size = static_cast<std::uint32_t>(end - (string_ + sizeof(std::uint32_t)));
    std::memcpy(string_, &size, sizeof size);
    *end = 0;
    Append(static_cast<std::uint64_t>(string_ - strings_), '"');
    string_ = end + 1;
  }

  /// By a copy, whose address may be taken.
  template <class Read>
  AUDITFLOW_AVX2_INLINE bool ReadRarely(Read read) {
    DocumentReading copy = *this;
    if (!read(copy)) return false;
    *this = copy;
    return true;
  }

  /// `\uXXXX`, but for the halves of a surrogate pair.
  AUDITFLOW_AVX2_INLINE bool ReadCodePoint(std::uint8_t*& to) {
    constexpr std::ptrdiff_t kDigits = 4;
    const char* const digits = at_ + 2;
    if (end_ - digits < kDigits) return false;  // they may not even be readable
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits, digits + kDigits, value, 16);
    if (error != std::errc() || end != digits + kDigits) return false;
    if (value >= 0xD800 && value < 0xE000) return false;
    at_ = end;
    to = WriteUtf8(value, to);
    return true;
  }
  /// Kept out of the way of what is common.
  [[gnu::noinline]] static std::uint8_t* WriteUtf8(char32_t code_point, std::uint8_t* to) {
    std::string utf8;
    AppendUtf8(code_point, utf8);
    return std::copy(utf8.begin(), utf8.end(), to);
  }

  template <std::size_t kSize>
  AUDITFLOW_AVX2_INLINE bool ReadWord(const char (&word)[kSize], char type) {
    if (left() < static_cast<std::ptrdiff_t>(kSize) - 1 || std::memcmp(at_, word, kSize - 1) != 0)
      return false;
    at_ += kSize - 1;
    Append(0, type);
    return true;
  }

  /// What follows a number is looked at by whoever follows.
  AUDITFLOW_AVX2_INLINE bool ReadNumber() {
    constexpr std::ptrdiff_t kMostDigits = 19;  // of them any number fits 64 bits without a sign
    const bool negative = *at_ == '-';
    const char* const first = at_ + (negative ? 1 : 0);
    const char* digit = first;
    std::uint64_t value = 0;
    while (IsDigit(*digit) && digit - first <= kMostDigits) {
      value = value * 10 + static_cast<std::uint64_t>(*digit++ - '0');
    }
    const std::ptrdiff_t digits = digit - first;
    if (digits == 0 || (*first == '0' && digits > 1)) return false;
    const std::uint64_t most = (std::uint64_t{1} << 63U) - (negative ? 0 : 1);
    if (digits > kMostDigits || value > most || *digit == '.' || *digit == 'e' || *digit == 'E') {
      return ReadRarely([](DocumentReading& copy) AUDITFLOW_AVX2 { return copy.ReadRareNumber(); });
    }
    at_ = digit;
    Append(0, 'l');
    words_[index_++] = negative ? 0 - value : value;
    return true;
  }

  AUDITFLOW_AVX2 bool ReadRareNumber() {
    if (left() <= 0) return false;
    const std::string_view rest(at_, static_cast<std::size_t>(left()));
    const NumberScan scan = ScanNumber(rest);
    if (scan.fault != nullptr) return false;
    const char* const end = at_ + scan.size;
    const bool is_integer =
        rest.substr(0, scan.size).find_first_of(".eE") == std::string_view::npos;
    const bool read = is_integer
                          ? Convert<std::int64_t>(end, 'l') || Convert<std::uint64_t>(end, 'u')
                          : Convert<double>(end, 'd');
    at_ = end;
    return read;
  }

  template <class Number>
  AUDITFLOW_AVX2 bool Convert(const char* end, char type) {
    Number number = 0;
    if (std::from_chars(at_, end, number).ec != std::errc()) return false;
    Append(0, type);
    std::memcpy(&words_[index_++], &number, sizeof number);
    return true;
  }

  AUDITFLOW_AVX2 bool ReadElement(std::uint32_t depth) {
    if (*at_ != '[' && *at_ != '{') return ReadScalar();
    if (depth >= LayoutReader::kDeepestInArray) return false;
    return *at_ == '[' ? ReadArray(depth + 1) : ReadObject(depth + 1);
  }

  AUDITFLOW_AVX2 bool ReadArray(std::uint32_t depth) {
    return ReadContainer('[', ']', [&]() AUDITFLOW_AVX2 { return ReadElement(depth); });
  }
  /// Inside of an array: of no layout.
  AUDITFLOW_AVX2 bool ReadObject(std::uint32_t depth) {
    return ReadContainer('{', '}', [&]() AUDITFLOW_AVX2 { return ReadMember(depth); });
  }

  /// `read_one`: from the beginning of an element or a member to its end.
  template <class ReadOne>
  AUDITFLOW_AVX2 bool ReadContainer(char opening, char closing, ReadOne read_one) {
    const std::uint32_t open = Open();
    std::uint32_t count = 0;
    SkipSpace();
    while (*at_ != closing || count > 0) {
      if (at_ >= end_ || !read_one()) return false;
      ++count;
      if (!Skip(',')) break;
    }
    if (at_ >= end_ || *at_ != closing) return false;
    ++at_;
    Close(open, opening, closing, count);
    return true;
  }

  AUDITFLOW_AVX2 bool ReadMember(std::uint32_t depth) {
    if (*at_ != '"') return false;
    ++at_;
    return ReadString() && Skip(':') && ReadElement(depth);
  }

  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }

  const char* at_;
  const char* end_;
  std::uint64_t* words_;
  std::uint8_t* strings_;  ///< where they begin
  std::uint8_t* string_;   ///< where the next one goes
  std::uint32_t index_ = kRootIndex;
  __m256i all_bytes_ = __m256i{};
};

}  // namespace auditflow::event

#endif
