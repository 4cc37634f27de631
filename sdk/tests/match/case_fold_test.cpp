#include "src/match/case_fold.hpp"

#include <string>

#include <gtest/gtest.h>

namespace auditflow::match {
namespace {

struct FoldCase {
  std::string text;
  std::string folded;
};

TEST(CaseFold, FoldsEachCodePointToOne) {
  const FoldCase cases[] = {
      {"", ""},
      {"POWERSHELL.exe", "powershell.exe"},
      {"@AZ[`az{", "@az[`az{"},
      {"C:\\Windows\\System32\\CMD.EXE /c ABCDEFGHIJKLMNOPQRSTUVWXYZ",
       "c:\\windows\\system32\\cmd.exe /c abcdefghijklmnopqrstuvwxyz"},
      {"ÄÖÜß", "äöüß"},      // no expansion to ss
      {"ẞ", "ß"},            // S, not F
      {"İ", "İ"},            // only Turkish and full folding touch it
      {"\u212A", "k"},       // three bytes to one
      {"\u023A", "\u2C65"},  // two bytes to three
      {"ΣΊΣΥΦΟΣ", "σίσυφοσ"},
      {"ς", "σ"},
      {"ЖУК", "жук"},
      {"ĀāĂ", "āāă"},  // a range in which every other code point folds
      {"ᾈ", "ᾀ"},
      {"Ꭰ", "Ꭰ"},  // Cherokee folds to capitals
      {"ꭰ", "Ꭰ"},
      {"𐐀", "𐐨"},
      {"日本語", "日本語"},
  };
  for (const FoldCase& row : cases) {
    EXPECT_EQ(Folded(row.text), row.folded) << row.text;
    EXPECT_EQ(Folded(row.folded), row.folded) << row.folded;
  }
}

TEST(CaseFold, CopiesInvalidBytes) {
  const std::string bad[] = {"\x80",         "\xC0\x80",         "\xE2\x84",
                             "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xFF"};
  for (const std::string& bytes : bad) EXPECT_EQ(Folded("A" + bytes + "B"), "a" + bytes + "b");
}

TEST(CaseFold, AsciiAgreesByteByByteAtEveryAlignment) {
  for (int c = 0; c < 0x80; ++c) {
    const char byte = static_cast<char>(c);
    const char folded = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : byte;
    for (std::size_t offset = 0; offset < 20; ++offset) {
      std::string text(20, 'x');
      text[offset] = byte;
      std::string expected(20, 'x');
      expected[offset] = folded;
      ASSERT_EQ(Folded(text), expected) << c << " at " << offset;
    }
  }
}

TEST(CaseFold, AppendsAfterWhatIsThere) {
  std::string out = "KEEP";
  AppendFolded("ÀBC", out);
  EXPECT_EQ(out, "KEEPàbc");
}

}  // namespace
}  // namespace auditflow::match
