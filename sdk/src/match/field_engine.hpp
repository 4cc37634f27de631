#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "src/match/atom_table.hpp"
#include "src/match/needle_table.hpp"
#include "src/match/scalar_view.hpp"
#include "src/match/string_index.hpp"

namespace auditflow::match {

/// Answers every eager atom that asks about one field in one look at each of its scalars.
///
/// Thread safety: immutable after construction.
class FieldEngine {
 public:
  /// `atoms`: eager atoms of one field.
  FieldEngine(std::span<const AtomId> atoms, const AtomTable& table, const LiteralCounts& counts);

  /// False if being there is all that is asked of the field.
  [[nodiscard]] bool AsksOfScalars() const { return asks_of_scalars_; }
  /// Appends the atoms that hold for the scalar; some perhaps twice.
  void OnScalar(ScalarView& scalar, std::vector<AtomId>& holding) const;

 private:
  static constexpr AtomId kNone = 0xFFFFFFFFU;

  /// The literal patterns of one letter-case mode.
  class Literals {
   public:
    void Add(AtomId atom, const Pattern& pattern);
    void Build(const LiteralCounts& counts);
    [[nodiscard]] bool empty() const { return exact_.empty() && table_.empty(); }
    /// Whether the text of a number could hold one of the literals.
    [[nodiscard]] bool MayFitNumber() const { return may_fit_number_; }
    void Match(std::string_view text, std::vector<AtomId>& holding) const {
      const std::uint32_t exact = exact_.Find(text);
      if (exact != StringIndex::kMissing) holding.push_back(exact_atoms_[exact]);
      std::size_t most = holding.size() + kMostRepeated;
      table_.Scan(text, [&holding, &most](std::uint32_t atom) {
        holding.push_back(atom);
        if (holding.size() < most) return;
        DropRepeated(holding);
        most = 2 * holding.size() + kMostRepeated;
      });
    }

   private:
    /// A long value may hold one literal at every byte: what is remembered of it stays bounded.
    static constexpr std::size_t kMostRepeated = 4096;
    static void DropRepeated(std::vector<AtomId>& holding);

    StringIndex exact_;
    std::vector<AtomId> exact_atoms_;
    std::vector<Needle> needles_;  ///< until Build
    bool may_fit_number_ = false;
    NeedleTable table_;
  };

  /// A number in a form in which equal values are equal bits.
  struct NumberKey {
    std::uint64_t bits = 0;
    std::uint8_t kind = 0;
    friend auto operator<=>(const NumberKey&, const NumberKey&) = default;
  };
  static NumberKey KeyOf(const Number& number);

  void Add(AtomId atom, const Test& test);
  void OnNumber(const Number& number, std::vector<AtomId>& holding) const;
  void OnString(ScalarView& scalar, std::vector<AtomId>& holding) const;

  bool asks_of_scalars_ = false;
  AtomId any_ = kNone;
  AtomId true_ = kNone;
  AtomId false_ = kNone;
  std::vector<std::pair<NumberKey, AtomId>> numbers_;  ///< sorted
  Literals folded_;
  Literals cased_;
};

}  // namespace auditflow::match
