#include "src/match/filed_needles.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <string>

#include "src/match/case_fold.hpp"

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
  dear_ = FindDear(entries);
}

/// `entries`: by word. Names each needle once, though it may be filed under several words.
std::vector<std::uint32_t> FiledNeedles::FindDear(const std::vector<Entry>& entries) {
  std::vector<std::uint32_t> dear;
  std::set<const Needle*> known;
  for (std::uint32_t begin = 0, end = 0; begin < entries.size(); begin = end) {
    while (end < entries.size() && entries[end].word == entries[begin].word) ++end;
    const bool is_crowded = end - begin > kMostOfOneWord;
    for (std::uint32_t e = begin; e < end; ++e) {
      const bool is_dear = is_crowded || entries[e].needle->text.size() > kLongest;
      if (is_dear && known.insert(entries[e].needle).second) dear.push_back(e);
    }
  }
  return dear;
}

std::vector<std::uint32_t> FiledNeedles::DearIn(std::string_view text,
                                                bool ignore_ascii_case) const {
  std::string folded;
  if (ignore_ascii_case) {
    folded.resize(text.size());
    std::transform(text.begin(), text.end(), folded.begin(), FoldAscii);
    text = folded;
  }
  std::vector<std::uint32_t> found;
  for (const std::uint32_t dear : dear_) {
    const std::string& wanted = filed_[dear].text.text();
    // Not find(), which is as slow as what is avoided here: this one is linear in the worst case.
    const void* const at = memmem(text.data(), text.size(), wanted.data(), wanted.size());
    if (at != nullptr) found.push_back(filed_[dear].target);
  }
  return found;
}

}  // namespace auditflow::match
