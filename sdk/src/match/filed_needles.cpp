#include "src/match/filed_needles.hpp"

#include <algorithm>

namespace auditflow::match {

FiledNeedles::FiledNeedles(std::vector<Entry> entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.word < b.word; });
  std::vector<std::uint64_t> words;
  words.reserve(entries.size());
  filed_.reserve(entries.size());
  for (const Entry& entry : entries) {
    words.push_back(entry.word);
    const Needle& needle = *entry.needle;
    filed_.push_back(
        {NeedleText(needle.text), entry.offset, needle.target, needle.at_start, needle.at_end});
  }
  slots_ = WordSlots(words);
}

}  // namespace auditflow::match
