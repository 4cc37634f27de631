#include "src/event/tape_check.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "auditflow/core/random.hpp"

#include "src/core/bytes.hpp"

namespace auditflow::event {
namespace {

constexpr std::uint32_t kSaturatedCount = 0xffffff;

std::uint32_t MemberCount(std::uint64_t opening) {
  return static_cast<std::uint32_t>(opening >> 32U) & kSaturatedCount;
}

/// Multiplies to 128 bits and folds the halves together.
std::uint64_t Fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product >> 64U) ^ static_cast<std::uint64_t>(product);
}

}  // namespace

void SmallKeySet::Clear() {
  generation_ += std::uint64_t{1} << 32U;
  if (generation_ == 0) {
    slots_.fill(0);
    generation_ = std::uint64_t{1} << 32U;
  }
}

bool SmallKeySet::Add(const std::uint8_t* strings, std::uint32_t key) {
  // Hashed are the first and the last eight bytes and the length; the mask keeps what is behind a
  // shorter key out of the hash.
  const std::string_view text = KeyAt(strings, key);
  const std::size_t ends = std::min<std::size_t>(text.size(), 8);
  const std::uint64_t mask = kEndMasks[ends];
  const std::uint64_t head = LoadWord<std::uint64_t>(text.data()) & mask;
  const std::uint64_t tail = LoadWord<std::uint64_t>(text.data() + (text.size() - ends)) & mask;
  const std::uint64_t mixed = (head ^ std::rotl(tail, 29) ^ text.size()) * 0x9e3779b97f4a7c15U;
  auto slot = static_cast<std::size_t>(mixed >> (64 - kSlotBits));
  while ((slots_[slot] ^ generation_) >> 32U == 0) {
    if (KeyAt(strings, static_cast<std::uint32_t>(slots_[slot])) == text) return false;
    slot = (slot + 1) % slots_.size();
  }
  slots_[slot] = generation_ | key;
  return true;
}

LargeKeySet::LargeKeySet() {
  const std::unique_ptr<RandomSource> random = SystemRandom();
  for (std::uint64_t& word : seed_) word = random->Next();
}

void LargeKeySet::Clear(std::size_t keys) {
  const std::size_t wanted = std::bit_ceil(keys * 2);
  if (slots_.size() < wanted) slots_.resize(wanted);
  mask_ = wanted - 1;
  if (++generation_ == 0) {
    std::fill(slots_.begin(), slots_.end(), Slot{});
    generation_ = 1;
  }
}

std::uint64_t LargeKeySet::Hash(std::string_view key) const {
  std::uint64_t hash = seed_[0] ^ key.size();
  const char* at = key.data();
  std::size_t left = key.size();
  for (; left >= 8; at += 8, left -= 8)
    hash = Fold(hash ^ LoadWord<std::uint64_t>(at), seed_[1] | 1U);
  std::uint64_t rest = 0;
  std::memcpy(&rest, at, left);
  return Fold(hash ^ rest, seed_[1] | 1U);
}

bool LargeKeySet::Add(const std::uint8_t* strings, std::uint32_t key) {
  const std::string_view text = KeyAt(strings, key);
  const std::uint64_t hash = Hash(text);
  for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
    Slot& slot = slots_[at];
    if (slot.generation != generation_) {
      slot = {hash, key, generation_};
      return true;
    }
    if (slot.hash == hash && KeyAt(strings, slot.key) == text) return false;
  }
}

template <class KeySet>
bool TapeCheck::WalkObject(const Tape& tape, Container object, KeySet& keys) {
  const std::uint64_t* const words = tape.words;
  const std::uint32_t end = ClosingIndex(words[object.at]);
  std::size_t count = 0;
  std::uint64_t last_string = 0;
  for (std::uint32_t at = object.at + 1; at < end;) {
    last_string = words[at];
    if (!keys.Add(tape.strings, static_cast<std::uint32_t>(last_string))) return false;
    ++count;
    const std::uint64_t word = words[++at];
    if (word >> 56U ==
        '"') {  // most values, and the branch predictor knows before the load is done
      last_string = word;
      ++at;
      continue;
    }
    const std::uint8_t step = kSteps[word >> 56U];
    if (step == kContainer) {
      waiting_.push_back({at, object.depth + 1});
      at = ClosingIndex(word) + 1;
    } else {
      at += step;
    }
  }
  if (count > 0) NoteString(tape, last_string);
  keys_seen_ += count;
  return keys_seen_ <= max_keys_;
}

void TapeCheck::WalkArray(const Tape& tape, Container array) {
  const std::uint32_t end = ClosingIndex(tape.words[array.at]);
  std::uint64_t last_string = 0;
  for (std::uint32_t at = array.at + 1; at < end;) {
    const std::uint64_t word = tape.words[at];
    const std::uint8_t step = kSteps[word >> 56U];
    if (step == kContainer) {
      waiting_.push_back({at, array.depth + 1});
      at = ClosingIndex(word) + 1;
    } else {
      if (word >> 56U == '"') last_string = word;
      at += step;
    }
  }
  if (last_string != 0) NoteString(tape, last_string);
}

/// Strings stand in the buffer in the order of the tape, so the last one ends it.
void TapeCheck::NoteString(const Tape& tape, std::uint64_t word) {
  strings_size_ = std::max(strings_size_, StringEnd(tape.strings, word));
}

bool TapeCheck::Accepts(const Tape& tape, const ParseLimits& limits) {
  Begin(limits);
  waiting_.push_back({kRootIndex, 1});
  return AcceptsWaiting(tape);
}

bool TapeCheck::AcceptsFollowed(const Tape& tape, const LayoutTree::Followed& followed,
                                const ParseLimits& limits) {
  if (followed.count > limits.max_keys || followed.deepest > limits.max_depth) return false;
  Begin(limits);
  keys_seen_ = followed.count;
  strings_size_ = followed.strings_size;
  for (const LayoutTree::Followed::Array& array : followed.arrays) {
    waiting_.push_back({array.index, array.depth});
  }
  return AcceptsWaiting(tape);
}

void TapeCheck::Begin(const ParseLimits& limits) {
  max_keys_ = limits.max_keys;
  max_depth_ = limits.max_depth;
  keys_seen_ = 0;
  strings_size_ = 0;
  waiting_.clear();
}

bool TapeCheck::AcceptsWaiting(const Tape& tape) {
  while (!waiting_.empty()) {
    const Container container = waiting_.back();
    waiting_.pop_back();
    if (container.depth > max_depth_) return false;
    const std::uint64_t opening = tape.words[container.at];
    if (static_cast<char>(opening >> 56U) == '[') {
      WalkArray(tape, container);
    } else if (!AcceptsObject(tape, container)) {
      return false;
    }
  }
  return true;
}

bool TapeCheck::AcceptsObject(const Tape& tape, Container object) {
  const std::uint64_t opening = tape.words[object.at];
  const std::size_t members = MemberCount(opening);
  if (members <= SmallKeySet::kMaxKeys) {
    small_.Clear();
    return WalkObject(tape, object, small_);
  }
  if (members > max_keys_) return false;
  if (!large_) large_ = std::make_unique<LargeKeySet>();
  const std::size_t words = ClosingIndex(opening) - object.at;
  // simdjson's count stops at its highest value; the number of words bounds the members, too.
  large_->Clear(members == kSaturatedCount ? words / 2 + 1 : members);
  return WalkObject(tape, object, *large_);
}

}  // namespace auditflow::event
