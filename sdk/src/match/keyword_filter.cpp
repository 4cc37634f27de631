#include "src/match/keyword_filter.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "src/match/atom_class.hpp"
#include "src/match/case_fold.hpp"

namespace auditflow::match {
namespace {

constexpr std::size_t kShortest = 4;
constexpr std::uint32_t kCaseBits = 0x20202020;  ///< set in small ASCII letters

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

std::string_view LongestAsciiRun(std::string_view text) {
  std::string_view longest;
  for (auto begin = text.begin(); begin != text.end();) {
    const auto end = std::find_if_not(begin, text.end(), IsAscii);
    const std::string_view run(begin, end);
    if (run.size() > longest.size()) longest = run;
    begin = std::find_if(end, text.end(), IsAscii);
  }
  return longest;
}

/// Whether a scalar that is no string may hold the text.
bool MayBeInOtherScalar(std::string_view folded) {
  return folded.find_first_not_of("0123456789+-.e") == std::string_view::npos ||
         std::string_view("true").find(folded) != std::string_view::npos ||
         std::string_view("false").find(folded) != std::string_view::npos;
}

/// A text that is in the event's strings if the test holds for a leaf; nothing if there is none to
/// name.
std::optional<std::string> NeedleOf(const Test& test) {
  const auto* match = std::get_if<MatchesPattern>(&test);
  if (match == nullptr || ShapeOf(match->pattern) == PatternShape::kAny) return std::nullopt;
  const std::string folded = Folded(TextOf(match->pattern));
  const std::string_view run = LongestAsciiRun(folded);
  if (run.size() < kShortest || MayBeInOtherScalar(folded)) return std::nullopt;
  return std::string(run);
}

/// The letters beyond ASCII that fold to one of ASCII: s and k; there is no other.
constexpr std::string_view kLongS = "\xC5\xBF";           // U+017F
constexpr std::string_view kKelvinSign = "\xE2\x84\xAA";  // U+212A

bool Has(std::string_view strings, std::string_view letter) {
  return strings.find(letter) != std::string_view::npos;
}

}  // namespace

KeywordFilter::KeywordFilter(std::span<const AtomId> keywords, const AtomTable& atoms,
                             const LiteralCounts& counts) {
  std::vector<Needle> needles;
  for (const AtomId atom : keywords) {
    std::optional<std::string> needle = NeedleOf(atoms[atom].test);
    if (!needle) return;
    needles.push_back({std::move(*needle), false, false, atom});
  }
  // One that is looked for on the way costs nothing; the other is too short for that.
  needles.push_back({std::string(kKelvinSign), false, false, 0});
  std::vector<const Needle*> all;
  all.reserve(needles.size());
  for (const Needle& needle : needles) all.push_back(&needle);
  if (ShuffleScan::Takes(all)) {
    shuffle_scan_ = ShuffleScan(all, counts, kCaseBits & 0xFFU);
  } else {
    all.pop_back();
    gram_scan_ = GramScan<std::uint32_t>(all, counts, kCaseBits);
  }
  is_useful_ = true;
}

bool KeywordFilter::MayHold(std::string_view strings) const {
  if (!is_useful_ || Has(strings, kLongS)) return true;
  bool may_hold = false;
  const auto found = [&may_hold](std::uint32_t) { may_hold = true; };
  if (!shuffle_scan_.empty()) shuffle_scan_.Scan<true>(strings, found);
  if (!gram_scan_.empty()) {
    if (Has(strings, kKelvinSign)) return true;
    gram_scan_.Scan<true>(strings, found);
  }
  return may_hold;
}

}  // namespace auditflow::match
