#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/random.hpp"

namespace auditflow::event {

/// Documents of a few layouts with values and white space of all kinds, and what becomes of them
/// when bytes are changed. The same seed gives the same documents.
class RandomDocuments {
 public:
  explicit RandomDocuments(std::uint64_t seed) : random_(SeededRandom(seed)) {}

  /// A document of each layout. Some begin alike, and some keys are the beginnings of others.
  static std::vector<std::string> OnePerLayout();

  struct Document {
    std::string text;
    bool is_plain = true;  ///< valid, and without anything that is rare
  };
  Document Next();

  struct Mutant {
    std::string text;
    std::string behind;  ///< bytes to put behind the text: those that were cut off, for one
  };
  Mutant Mutate(std::string text);

  std::uint64_t Below(std::uint64_t bound) { return random_->Below(bound); }

 private:
  std::string Space();
  std::string Value(unsigned depth);
  std::string Array(unsigned depth);
  std::string Object(unsigned depth);
  std::string String();
  std::string StringPiece();
  std::string CodePoint();
  std::string Integer();
  std::string Double();
  std::string Digits(std::size_t count);

  std::unique_ptr<RandomSource> random_;
  std::uint64_t spacing_ = 0;
  bool is_plain_ = true;
};

}  // namespace auditflow::event
