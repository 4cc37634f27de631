#include "src/match/literal_guard.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <re2/filtered_re2.h>

namespace auditflow::match {
namespace {

using PartKind = Pattern::PartKind;

const Pattern::Part kAnyPart{PartKind::kAny, {}};

std::vector<Pattern> AnyScalar() { return {Pattern{{kAnyPart}, false}}; }

Pattern Containing(std::string text) {
  return {{kAnyPart, {PartKind::kText, std::move(text)}, kAnyPart}, false};
}

/// The longest text of the glob, anchored as it is there.
std::vector<Pattern> GuardOfGlob(const Pattern& glob) {
  const auto longest =
      std::max_element(glob.parts.begin(), glob.parts.end(),
                       [](const auto& a, const auto& b) { return a.text.size() < b.text.size(); });
  if (longest == glob.parts.end() || longest->text.empty()) return AnyScalar();
  Pattern guard{{*longest}, glob.cased};
  if (longest != glob.parts.begin()) guard.parts.insert(guard.parts.begin(), kAnyPart);
  if (std::next(longest) != glob.parts.end()) guard.parts.push_back(kAnyPart);
  return {std::move(guard)};
}

/// Finds literals of which every match of a regular expression holds at least one, by asking RE2's
/// prefilter which sets of literals would let the expression through.
class RegexLiterals {
 public:
  explicit RegexLiterals(const std::string& regex) : filter_(kLeastLength) {
    int id = 0;
    usable_ = filter_.Add(regex, re2::RE2::Quiet, &id) == re2::RE2::NoError;
    if (usable_) filter_.Compile(&literals_);
  }

  /// A smallest such set; empty if there is none.
  std::vector<std::string> Find() {
    if (!usable_ || literals_.empty() || literals_.size() > kMostLiterals) return {};
    std::vector<int> kept = AllByLength();
    if (PassesWithout(kept)) return {};
    // Short literals leave first: long ones are rarer in events.
    for (std::size_t i = 0; i < kept.size();) {
      std::vector<int> fewer = kept;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      if (PassesWithout(fewer)) {
        ++i;
      } else {
        kept = std::move(fewer);
      }
    }
    std::vector<std::string> found;
    found.reserve(kept.size());
    for (const int literal : kept) found.push_back(literals_[static_cast<std::size_t>(literal)]);
    return IsWorthSearching(found) ? found : std::vector<std::string>();
  }

 private:
  static constexpr int kLeastLength = 3;
  static constexpr std::size_t kMostLiterals = 64;

  /// Several literals of the least length turn up by chance, and to look for them in every value
  /// costs more than to run the expression.
  static bool IsWorthSearching(const std::vector<std::string>& literals) {
    constexpr std::ptrdiff_t kMostShort = 4;
    return std::count_if(literals.begin(), literals.end(), [](const std::string& literal) {
             return literal.size() <= std::size_t{kLeastLength};
           }) <= kMostShort;
  }

  [[nodiscard]] std::vector<int> AllByLength() const {
    std::vector<int> all(literals_.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
    std::stable_sort(all.begin(), all.end(), [this](int a, int b) {
      return literals_[static_cast<std::size_t>(a)].size() <
             literals_[static_cast<std::size_t>(b)].size();
    });
    return all;
  }

  /// Whether the expression could match a text that holds every literal but these.
  [[nodiscard]] bool PassesWithout(const std::vector<int>& absent) const {
    std::vector<int> present;
    for (std::size_t i = 0; i < literals_.size(); ++i) {
      const int literal = static_cast<int>(i);
      if (std::find(absent.begin(), absent.end(), literal) == absent.end()) {
        present.push_back(literal);
      }
    }
    std::vector<int> passing;
    filter_.AllPotentials(present, &passing);
    return !passing.empty();
  }

  re2::FilteredRE2 filter_;
  std::vector<std::string> literals_;
  bool usable_ = false;
};

/// RE2 lower-cases its literals by tables of its own. They agree with case folding for ASCII;
/// beyond it we do not ask.
bool IsPlainAscii(const std::string& regex) {
  for (const std::string_view escape : {"\\x", "\\p", "\\P"}) {
    if (regex.find(escape) != std::string::npos) return false;
  }
  return std::all_of(regex.begin(), regex.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::vector<Pattern> GuardOfRegex(const std::string& regex) {
  std::vector<Pattern> guard;
  if (IsPlainAscii(regex)) {
    for (std::string& literal : RegexLiterals(regex).Find()) {
      guard.push_back(Containing(std::move(literal)));
    }
  }
  return guard.empty() ? AnyScalar() : guard;
}

}  // namespace

std::vector<Pattern> LiteralGuard(const Test& lazy) {
  if (const auto* pattern = std::get_if<MatchesPattern>(&lazy))
    return GuardOfGlob(pattern->pattern);
  if (const auto* regex = std::get_if<MatchesRegex>(&lazy)) return GuardOfRegex(regex->regex);
  return AnyScalar();
}

}  // namespace auditflow::match
