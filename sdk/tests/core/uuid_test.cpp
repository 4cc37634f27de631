#include "auditflow/core/uuid.hpp"

#include <string>
#include <unordered_set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"

#include "src/core/sha1.hpp"

namespace auditflow {
namespace {

using ::testing::HasSubstr;

constexpr const char* kDns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

TEST(Uuid, Version5GivesTheVectorsOfRfc9562) {
  const Uuid dns = *Uuid::Parse(kDns);
  EXPECT_EQ(Uuid::V5(dns, "www.example.com").ToString(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_EQ(Uuid::V5(dns, "python.org").ToString(), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
}

TEST(Uuid, Version5OfALongNameIsStable) {
  const Uuid dns = *Uuid::Parse(kDns);
  EXPECT_EQ(Uuid::V5(dns, std::string(1 << 20, 'a')), Uuid::V5(dns, std::string(1 << 20, 'a')));
  EXPECT_NE(Uuid::V5(dns, "a"), Uuid::V5(dns, std::string("a\0", 2)));
}

TEST(Uuid, RandomIsVersion4AndFollowsTheSource) {
  const auto random = SeededRandom(7);
  const auto same = SeededRandom(7);
  const Uuid uuid = Uuid::Random(*random);
  EXPECT_EQ(uuid, Uuid::Random(*same));
  EXPECT_NE(uuid, Uuid::Random(*random));
  EXPECT_EQ(uuid.ToString()[14], '4');
  EXPECT_THAT("89ab", HasSubstr(uuid.ToString().substr(19, 1)));
}

TEST(Uuid, ParseTakesEitherCaseAndPrintsLower) {
  EXPECT_EQ(Uuid::Parse("6BA7B810-9DAD-11D1-80B4-00C04FD430C8")->ToString(), kDns);
}

TEST(Uuid, ParseNamesTheFault) {
  EXPECT_THAT(Uuid::Parse("").error().message(), HasSubstr("0 characters"));
  EXPECT_THAT(Uuid::Parse("6ba7b810-9dad-11d1-80b4-00c04fd430cg").error().message(),
              HasSubstr("character 36"));
  EXPECT_THAT(Uuid::Parse("6ba7b8109-dad-11d1-80b4-00c04fd430c8").error().message(),
              HasSubstr("character 9 should be a hyphen"));
  EXPECT_FALSE(Uuid::Parse("{6ba7b810-9dad-11d1-80b4-00c04fd430c}"));
  EXPECT_FALSE(Uuid::Parse(std::string(1 << 20, 'a')));
}

TEST(Uuid, TheDefaultIsNil) {
  EXPECT_TRUE(Uuid().is_nil());
  EXPECT_EQ(Uuid().ToString(), "00000000-0000-0000-0000-000000000000");
  EXPECT_FALSE(Uuid::Parse(kDns)->is_nil());
}

TEST(Uuid, HashesApartAndOrdersByBytes) {
  const auto random = SeededRandom(1);
  std::unordered_set<Uuid> seen;
  std::unordered_set<std::size_t> hashes;
  for (int i = 0; i < 1000; ++i) {
    const Uuid uuid = Uuid::Random(*random);
    seen.insert(uuid);
    hashes.insert(std::hash<Uuid>()(uuid));
  }
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_GE(hashes.size(), 999U);
  EXPECT_LT(*Uuid::Parse("00000000-0000-0000-0000-000000000001"), *Uuid::Parse(kDns));
}

std::string Hex(const Sha1::Digest& digest) {
  std::string text;
  for (const unsigned byte : digest) {
    text.push_back("0123456789abcdef"[byte >> 4U]);
    text.push_back("0123456789abcdef"[byte & 0xfU]);
  }
  return text;
}

std::string Sha1Of(std::string_view text, std::size_t piece) {
  Sha1 sha1;
  for (std::size_t at = 0; at < text.size(); at += piece) sha1.Update(text.substr(at, piece));
  return Hex(sha1.Finish());
}

TEST(Sha1, GivesTheVectorsOfRfc3174InPiecesOfAnySize) {
  for (const std::size_t piece : {1U, 7U, 63U, 64U, 65U, 1000U}) {
    EXPECT_EQ(Sha1Of("", piece), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    EXPECT_EQ(Sha1Of("abc", piece), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(Sha1Of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", piece),
              "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    EXPECT_EQ(Sha1Of(std::string(1'000'000, 'a'), piece),
              "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  }
}

}  // namespace
}  // namespace auditflow
