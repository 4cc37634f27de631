#include "src/event/layout_reader.hpp"

#include "src/event/scan_number.hpp"

#if defined(__x86_64__)

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <system_error>
#include <vector>

#include <immintrin.h>
#include <simdjson.h>

#define AUDITFLOW_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define AUDITFLOW_AVX2_INLINE AUDITFLOW_AVX2 __attribute__((always_inline)) inline

namespace auditflow::event {
namespace {

constexpr unsigned kVector = 32;
constexpr unsigned kBlock = 2 * kVector;                 ///< of a string that is looked at together
constexpr std::uint32_t kMostMembersCounted = 0xffffff;  // as simdjson does

/// A code point of up to 16 bits. @return the number of bytes.
std::size_t WriteUtf8(std::uint32_t code_point, std::uint8_t* to) {
  const auto rest = [&](unsigned shift) {
    return static_cast<std::uint8_t>(0x80U | (code_point >> shift & 0x3FU));
  };
  if (code_point < 0x80) {
    to[0] = static_cast<std::uint8_t>(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    to[0] = static_cast<std::uint8_t>(0xC0U | code_point >> 6U);
    to[1] = rest(0);
    return 2;
  }
  to[0] = static_cast<std::uint8_t>(0xE0U | code_point >> 12U);
  to[1] = rest(6);
  to[2] = rest(0);
  return 3;
}

AUDITFLOW_AVX2_INLINE __m256i LoadVector(const char* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

AUDITFLOW_AVX2_INLINE void StoreVector(std::uint8_t* at, __m256i bytes) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), bytes);
}

/// Which of 64 bytes mean more than themselves in a string.
struct Specials {
  std::uint64_t stops;  ///< quotes and control characters
  std::uint64_t backslashes;
};

AUDITFLOW_AVX2_INLINE std::uint64_t MaskOf(__m256i first, __m256i second) {
  const auto low = static_cast<std::uint32_t>(_mm256_movemask_epi8(first));
  const auto high = static_cast<std::uint32_t>(_mm256_movemask_epi8(second));
  return low | std::uint64_t{high} << 32U;
}

AUDITFLOW_AVX2_INLINE __m256i StopsIn(__m256i bytes) {
  const __m256i control = _mm256_set1_epi8(0x1F);
  return _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')),
                         _mm256_cmpeq_epi8(_mm256_max_epu8(bytes, control), control));
}

AUDITFLOW_AVX2_INLINE __m256i BackslashesIn(__m256i bytes) {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
}

/// The backslashes that an escape begins with, of a block that begins with no escaped byte: in a
/// run of them the first, the third and so on.
std::uint64_t EscapesIn(std::uint64_t backslashes) {
  constexpr std::uint64_t kEven = 0x5555'5555'5555'5555;
  const std::uint64_t begins = backslashes & ~(backslashes << 1U);
  // A carry goes through the runs to which one is added.
  const std::uint64_t of_even_runs = backslashes & ~(backslashes + (begins & kEven));
  return (of_even_runs & kEven) | (backslashes & ~of_even_runs & ~kEven);
}

/// Each bit as a byte, all ones or none.
AUDITFLOW_AVX2_INLINE __m256i BytesOf(std::uint32_t mask) {
  const __m256i by_byte =
      _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i bits = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201U));
  const __m256i copies = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(mask)), by_byte);
  return _mm256_cmpeq_epi8(_mm256_and_si256(copies, bits), bits);
}

/// What each byte means behind a backslash; 0 for what means nothing, and for `u`.
AUDITFLOW_AVX2_INLINE __m256i MeaningOf(__m256i bytes) {
  // By the lower half: b, f and n; r and t.
  const __m256i six = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 0, '\b', 0, 0, 0, '\f', 0, 0, 0, 0, 0, 0, 0, '\n', 0));
  const __m256i seven = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 0, '\r', 0, '\t', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i upper = _mm256_and_si256(bytes, _mm256_set1_epi8(static_cast<char>(0xF0)));
  const auto if_upper = [&](char half, __m256i meaning) AUDITFLOW_AVX2 {
    return _mm256_and_si256(_mm256_cmpeq_epi8(upper, _mm256_set1_epi8(half)), meaning);
  };
  const auto itself = [&](char c) AUDITFLOW_AVX2 {
    return _mm256_and_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)), bytes);
  };
  const __m256i letters = _mm256_or_si256(if_upper(0x60, _mm256_shuffle_epi8(six, bytes)),
                                          if_upper(0x70, _mm256_shuffle_epi8(seven, bytes)));
  return _mm256_or_si256(_mm256_or_si256(letters, itself('/')),
                         _mm256_or_si256(itself('"'), itself('\\')));
}

/// By eight bits: the places of the bytes whose bit is not set, one after the other.
constexpr std::array<std::uint64_t, 256> kKept = [] {
  std::array<std::uint64_t, 256> kept{};
  for (unsigned dropped = 0; dropped < kept.size(); ++dropped) {
    unsigned to = 0;
    for (std::uint64_t from = 0; from < 8; ++from) {
      if ((dropped >> from & 1U) == 0) kept[dropped] |= from << (8 * to++);
    }
  }
  return kept;
}();

/// The bytes of a block but those whose bit is set; up to 64 are written.
AUDITFLOW_AVX2_INLINE void CopyBut(const char* from, std::uint64_t dropped, std::uint8_t* to) {
  for (unsigned at = 0; at < kBlock; at += 8) {
    const unsigned here = dropped >> at & 0xFFU;
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + at));
    const __m128i places = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(&kKept[here]));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi8(bytes, places));
    to += 8 - std::popcount(here);
  }
}

/// One document. Every `Read…` returns false to give up; nothing behind the end of the text is
/// taken for a part of it.
class Reading {
 public:
  Reading(std::string_view json, TapeSpace space)
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
    const std::uint64_t counted = std::min(count, kMostMembersCounted);
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
    return ReadRarely([](Reading& copy) AUDITFLOW_AVX2 { return copy.ReadArray(1); });
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
  static bool IsControlOrSpace(char c) { return static_cast<unsigned char>(c) <= ' '; }
  static bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

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

  /// By a copy: what calls take no address of stays in registers.
  template <class Read>
  AUDITFLOW_AVX2_INLINE bool ReadRarely(Read read) {
    Reading copy = *this;
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
    to += WriteUtf8(value, to);
    return true;
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
      return ReadRarely([](Reading& copy) AUDITFLOW_AVX2 { return copy.ReadRareNumber(); });
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
    const std::uint32_t open = Open();
    std::uint32_t count = 0;
    SkipSpace();
    while (*at_ != ']' || count > 0) {
      if (at_ >= end_ || !ReadElement(depth)) return false;
      ++count;
      if (!Skip(',')) break;
    }
    if (at_ >= end_ || *at_ != ']') return false;
    ++at_;
    Close(open, '[', ']', count);
    return true;
  }

  /// Inside of an array: of no layout.
  AUDITFLOW_AVX2 bool ReadObject(std::uint32_t depth) {
    const std::uint32_t open = Open();
    std::uint32_t count = 0;
    SkipSpace();
    while (*at_ != '}' || count > 0) {
      if (at_ >= end_ || !ReadMember(depth)) return false;
      ++count;
      if (!Skip(',')) break;
    }
    if (at_ >= end_ || *at_ != '}') return false;
    ++at_;
    Close(open, '{', '}', count);
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

}  // namespace

bool LayoutReader::IsSupported() {
  static const bool has_avx2 =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 &&
      __builtin_cpu_supports("bmi2") != 0 && __builtin_cpu_supports("popcnt") != 0;
  return has_avx2;
}

/// Where among the layouts a document is.
class LayoutReader::Place {
 public:
  explicit Place(LayoutTree& layouts)
      : layouts_(layouts), nodes_(layouts.nodes_.data()), text_(layouts.text_.data()) {}

  /// Goes on by a key, read from behind its opening quote up to its value. @return whether it was
  /// seen here with an object, if it has one, and else without.
  AUDITFLOW_AVX2_INLINE bool ReadKey(Reading& reading, bool& has_object) {
    std::uint32_t next = nodes_[node_].child;
    const std::uint32_t expected = nodes_[next].what;
    const char* const key = reading.at();
    std::ptrdiff_t size = expected & LayoutTree::kSize;
    bool as_expected =
        (expected & LayoutTree::kEnd) == 0 && reading.IsKey(text_ + nodes_[next].text, size);
    if (!as_expected && (size = reading.SizeOfPlainKey()) < 0) return false;
    reading.ReadPlainKey(static_cast<std::size_t>(size));
    if (!reading.Skip(':')) return false;
    has_object = reading.Peek() == '{';
    as_expected = as_expected && has_object == ((expected & LayoutTree::kObject) != 0);
    if (!as_expected) {
      const std::string_view text(key, static_cast<std::size_t>(size));
      next = layouts_.NextBesideFirst(node_, LayoutTree::Token::OfKey(text, has_object));
      if (next == LayoutTree::kUnknown) return false;
    }
    node_ = next;
    return true;
  }
  /// Goes on by the end of an object. @return whether it was seen here.
  AUDITFLOW_AVX2_INLINE bool End() {
    node_ = layouts_.Next(node_, LayoutTree::Token::OfEnd());
    return node_ != LayoutTree::kUnknown;
  }
  /// 0 if none ends here.
  [[nodiscard]] std::uint64_t layout() const { return nodes_[node_].head; }

 private:
  LayoutTree& layouts_;
  const LayoutTree::Node* nodes_;
  const char* text_;
  std::uint32_t node_ = LayoutTree::kRoot;
};

AUDITFLOW_AVX2 bool LayoutReader::Read(std::string_view json, LayoutTree& layouts, TapeSpace space,
                                       LayoutTree::Followed& followed) {
  struct Object {
    std::uint32_t open;
    std::uint32_t members;
  };
  if (json.empty()) return false;  // there may be no bytes behind what is nowhere
  std::array<Object, LayoutTree::kMostKeys + 2> objects;  // by depth; that of the root is 1
  std::uint32_t depth = 1;
  std::uint32_t* member = followed.members.data();
  Place place(layouts);
  Reading reading(json, space);
  followed.deepest = 1;
  followed.arrays.clear();

  reading.SkipSpace();
  if (reading.left() <= 0 || reading.Peek() != '{') return false;
  objects[depth] = {reading.Open(), 0};
  for (;;) {
    // Behind an opening brace or a value.
    reading.SkipSpace();
    if (reading.left() <= 0) return false;
    if (reading.Peek() == '}') {
      if (!place.End()) return false;
      reading.Advance(1);
      reading.Close(objects[depth].open, '{', '}', objects[depth].members);
      if (--depth == 0) break;
      continue;
    }
    if (objects[depth].members++ > 0 && !reading.Skip(',')) return false;
    if (reading.Peek() != '"') return false;
    reading.Advance(1);
    bool has_object = false;
    if (!place.ReadKey(reading, has_object)) return false;
    *member++ = reading.index();
    if (has_object) {
      objects[++depth] = {reading.Open(), 0};
      followed.deepest = std::max(followed.deepest, depth);
    } else if (!reading.ReadNoObject(depth + 1, followed.arrays)) {
      return false;
    }
  }
  if (!reading.CloseRoot()) return false;
  followed.strings_size = reading.strings_size();
  followed.count = static_cast<std::size_t>(member - followed.members.data());
  followed.layout = place.layout();
  return followed.layout != 0 &&
         (reading.IsAscii() || simdjson::validate_utf8(json.data(), json.size()));
}

}  // namespace auditflow::event

#else

namespace auditflow::event {

bool LayoutReader::IsSupported() { return false; }

bool LayoutReader::Read(std::string_view, LayoutTree&, TapeSpace, LayoutTree::Followed&) {
  return false;
}

}  // namespace auditflow::event

#endif
