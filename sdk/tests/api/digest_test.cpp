#include "src/api/digest.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace auditflow::api {
namespace {

// The examples of FIPS 180-4, as NIST publishes them.
TEST(Digest, IsSha256) {
  EXPECT_EQ(ToHex(*DigestOf("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(*DigestOf("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, HexIsReadInEitherCaseAndNothingElseIs) {
  const Sha256 digest = *DigestOf("abc");
  std::string hex = ToHex(digest);
  EXPECT_EQ(FromHex(hex), digest);
  for (char& c : hex) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(FromHex(hex), digest);
  EXPECT_FALSE(FromHex(hex.substr(1)));
  EXPECT_FALSE(FromHex(hex + "0"));
  EXPECT_FALSE(FromHex("g" + hex.substr(1)));
  EXPECT_FALSE(FromHex(""));
}

TEST(Digest, ComparesEveryByte) {
  const Sha256 digest = *DigestOf("abc");
  EXPECT_TRUE(EqualInConstantTime(digest, digest));
  for (std::size_t i = 0; i < digest.size(); ++i) {
    Sha256 other = digest;
    other[i] ^= 1U;
    EXPECT_FALSE(EqualInConstantTime(digest, other)) << i;
  }
}

TEST(RandomText, IsUrlSafeAndNeverTheSame) {
  std::set<std::string> texts;
  for (int i = 0; i < 100; ++i) texts.insert(*RandomText());
  EXPECT_EQ(texts.size(), 100U);
  for (const std::string& text : texts) {
    EXPECT_EQ(text.size(), 43U);
    EXPECT_EQ(
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos);
  }
}

// RFC 4648 section 10.
TEST(Base64, IsDecodedStrictly) {
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64("Zg=="), "f");
  EXPECT_EQ(DecodeBase64("Zm8="), "fo");
  EXPECT_EQ(DecodeBase64("Zm9v"), "foo");
  EXPECT_EQ(DecodeBase64("Zm9vYmFy"), "foobar");
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "Z===", "====", "Zm9v!", "Zm 9", "Zm9\n", "Zh==", "Zm9="}) {
    EXPECT_FALSE(DecodeBase64(text)) << text;
  }
}

}  // namespace
}  // namespace auditflow::api
