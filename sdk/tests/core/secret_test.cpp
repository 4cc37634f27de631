#include "auditflow/core/secret.hpp"

#include <new>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace auditflow {
namespace {

TEST(Secret, IsShownOnlyWhenAskedForByName) {
  const Secret secret("hunter2");
  EXPECT_EQ(secret.Reveal(), "hunter2");
  EXPECT_EQ(secret.Masked(), "***");
  EXPECT_FALSE(secret.empty());
  EXPECT_EQ(Secret().Masked(), "");
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, MovingEmptiesTheSourceAlsoForShortStrings) {
  for (const std::string& text : {std::string("short"), std::string(100, 'x')}) {
    Secret from(text);
    const Secret to(std::move(from));
    EXPECT_EQ(to.Reveal(), text);
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): what this test is about

    Secret source(text);
    Secret target("old");
    target = std::move(source);
    EXPECT_EQ(target.Reveal(), text);
    EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move)
  }
}

TEST(Secret, CopiesAreIndependent) {
  Secret one("one");
  Secret two(one);
  one = Secret("other");
  EXPECT_EQ(two.Reveal(), "one");
  two = one;
  EXPECT_EQ(two.Reveal(), "other");
  const Secret& alias = two;
  two = alias;
  EXPECT_EQ(two.Reveal(), "other");
}

TEST(Secret, OverwritesItsMemoryOnDestruction) {
  // A short string lives inside the object, so that its bytes can be looked at afterwards.
  alignas(Secret) unsigned char place[sizeof(Secret)] = {};
  auto* secret = new (place) Secret("topsecret");
  const auto* bytes = reinterpret_cast<const unsigned char*>(secret->Reveal().data());
  ASSERT_GE(bytes, place);
  ASSERT_LT(bytes, place + sizeof place);
  const std::ptrdiff_t at = bytes - place;
  secret->~Secret();
  const volatile unsigned char* after = place + at;
  for (int i = 0; i < 9; ++i) EXPECT_EQ(after[i], 0) << i;
}

}  // namespace
}  // namespace auditflow
