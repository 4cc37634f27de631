#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "src/match/filed_needles.hpp"
#include "src/match/gram_scan.hpp"
#include "src/match/needle.hpp"
#include "src/match/shuffle_scan.hpp"

namespace auditflow::match {

/// Finds thousands of literals in one look at a value.
///
/// - Needles that may stand anywhere are looked for by four bytes of each; the short ones, which
///   would keep that scan from leaving positions out, by two, or at 32 positions at once if they
///   are few.
/// - A needle that has to start or end the value is filed under the first or last bytes of it, and
///   costs one look-up for the value.
///
/// Thread safety: immutable after construction.
class NeedleTable {
 public:
  NeedleTable() = default;
  /// `counts`: of the literals of all rules; without any, one gram is as good as another.
  explicit NeedleTable(const std::vector<Needle>& needles, const LiteralCounts& counts = {});

  [[nodiscard]] bool empty() const { return empty_; }

  /// Calls `found(target)` for each occurrence; one target may be reported several times.
  template <class Found>
  void Scan(std::string_view text, Found&& found) const {
    if (!grams_.empty()) grams_.Scan(text, found);
    if (!pairs_.empty()) pairs_.Scan(text, found);
    if (!shuffle_.empty()) shuffle_.Scan(text, found);
    for (const Ends& heads : heads_) {
      if (text.size() >= heads.width) LookUp(heads, text, 0, found);
    }
    for (const Ends& tails : tails_) {
      if (text.size() >= tails.width) LookUp(tails, text, text.size() - tails.width, found);
    }
    for (const SingleByte& single : single_bytes_) {
      if (text.find(single.byte) != std::string_view::npos) found(single.target);
    }
  }

 private:
  /// Needles that start or end the value, by their first or last `width` bytes.
  struct Ends {
    std::size_t width = 0;
    FiledNeedles filed;
  };
  struct SingleByte {
    char byte = 0;
    std::uint32_t target = 0;
  };

  static std::uint64_t WordAt(std::string_view text, std::size_t at, std::size_t width) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, width);
    return word;
  }

  template <class Found>
  static void LookUp(const Ends& ends, std::string_view text, std::size_t at, Found& found) {
    ends.filed.Report(WordAt(text, at, ends.width), text, at, found);
  }

  static Ends FileEnds(const std::vector<const Needle*>& needles, std::size_t width, bool at_start);
  void BuildScans(std::vector<const Needle*> needles, const LiteralCounts& counts);

  bool empty_ = true;
  GramScan<std::uint32_t> grams_;
  GramScan<std::uint16_t> pairs_;
  ShuffleScan shuffle_;
  std::vector<Ends> heads_;
  std::vector<Ends> tails_;
  std::vector<SingleByte> single_bytes_;
};

}  // namespace auditflow::match
