#include "src/match/atom_table.hpp"

#include <bit>
#include <type_traits>

#include "src/match/case_fold.hpp"

namespace auditflow::match {
namespace {

/// Writes an atom as bytes so that two atoms are equal exactly if their bytes are.
class KeyWriter {
 public:
  explicit KeyWriter(const Atom& atom) {
    Text(atom.field);
    Byte(atom.test.index());
    std::visit(*this, atom.test);
  }
  [[nodiscard]] const std::string& key() const { return key_; }

  void operator()(const MatchesPattern& test) {
    Byte(test.pattern.cased ? 1 : 0);
    for (const Pattern::Part& part : test.pattern.parts) {
      Byte(static_cast<std::size_t>(part.kind));
      if (part.kind != Pattern::PartKind::kText) continue;
      if (test.pattern.cased) {
        Text(part.text);
      } else {
        std::string folded;
        AppendFolded(part.text, folded);
        Text(folded);
      }
    }
  }
  void operator()(const MatchesRegex& test) { Text(test.regex); }
  void operator()(const EqualsNumber& test) { Value(test.number); }
  void operator()(const EqualsBool& test) { Byte(test.value ? 1 : 0); }
  void operator()(const IsNull&) {}
  void operator()(const FieldExists& test) { Byte(test.expected ? 1 : 0); }
  void operator()(const ComparesNumber& test) {
    Byte(static_cast<std::size_t>(test.comparison));
    Value(test.number);
  }
  void operator()(const ComparesDatePart& test) {
    Byte(static_cast<std::size_t>(test.part));
    Byte(static_cast<std::size_t>(test.comparison));
    Value(test.number);
  }
  void operator()(const InNetwork& test) {
    for (const std::uint8_t byte : test.address) Byte(byte);
    Byte(test.prefix_length);
  }
  void operator()(const RelatesToField& test) {
    Text(test.other_field);
    Byte(static_cast<std::size_t>(test.relation));
    Byte(test.cased ? 1 : 0);
  }

 private:
  void Byte(std::size_t value) { key_ += static_cast<char>(value); }
  void Text(std::string_view text) {
    Word(text.size());
    key_ += text;
  }
  void Word(std::uint64_t word) {
    for (unsigned shift = 0; shift < 64; shift += 8) Byte((word >> shift) & 0xFFU);
  }
  void Value(const Number& number) {
    Byte(number.index());
    std::visit([this](auto value) { Word(std::bit_cast<std::uint64_t>(value)); }, number);
  }

  std::string key_;
};

}  // namespace

AtomId AtomTable::Intern(const Atom& atom) {
  const AtomId id = keys_.Add(KeyWriter(atom).key());
  if (id == atoms_.size()) {
    atoms_.push_back(atom);
    uses_.push_back(0);
  }
  ++uses_[id];
  return id;
}

}  // namespace auditflow::match
