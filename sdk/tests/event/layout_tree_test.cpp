#include "src/event/layout_tree.hpp"

#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/event/parse_helper.hpp"

namespace auditflow::event {
namespace {

/// The layout of a document, as far as the tree knows it.
std::uint64_t Follow(LayoutTree& tree, std::string_view json) {
  const Event event = MustParse(json);
  LayoutTree::Followed followed;
  return tree.Follow(*event.root().tape(), followed) ? followed.layout : 0;
}

bool Learn(LayoutTree& tree, std::string_view json) {
  const Event event = MustParse(json);
  return tree.Learn(*event.root().tape());
}

/// A document with one key, or one key below another.
std::string OneKey(std::string_view key) { return "{\"" + std::string(key) + "\":1}"; }
std::string TwoKeys(std::string_view outer, std::string_view key) {
  return "{\"" + std::string(outer) + "\":" + OneKey(key) + "}";
}

TEST(LayoutTree, KnowsNothingAtFirst) {
  LayoutTree tree;
  EXPECT_EQ(Follow(tree, R"({"a":1})"), 0U);
  EXPECT_EQ(Follow(tree, "{}"), 0U);
}

TEST(LayoutTree, KnowsWhatItLearnedAndNoPartOfIt) {
  LayoutTree tree;
  ASSERT_TRUE(Learn(tree, R"({"a":1,"b":{"c":[],"d":{}},"e":2})"));
  EXPECT_NE(Follow(tree, R"({"a":"","b":{"c":0,"d":{}},"e":null})"), 0U);
  for (const char* other :
       {R"({"a":1})", R"({"a":1,"b":{"c":[],"d":{}}})", R"({"a":1,"b":{"c":[]},"e":2})",
        R"({"a":1,"b":{"c":[],"d":{},"e":2}})", R"({"a":1,"b":{"c":[],"d":0},"e":2})",
        R"({"a":1,"b":{"c":{},"d":{}},"e":2})", R"({"a":1,"b":0,"e":2})",
        R"({"a":1,"b":{"c":[],"d":{}},"e":2,"f":3})", R"({"A":1,"b":{"c":[],"d":{}},"e":2})"}) {
    EXPECT_EQ(Follow(tree, other), 0U) << other;
  }
}

TEST(LayoutTree, KeepsLayoutsApartThatBeginAlike) {
  LayoutTree tree;
  const char* const kLayouts[] = {R"({"a":1,"b":2})", R"({"a":1})",       R"({"a":1,"b":{}})",
                                  R"({"a":{"b":2}})", R"({"a":1,"c":2})", R"({"b":1})"};
  for (const char* layout : kLayouts) ASSERT_TRUE(Learn(tree, layout)) << layout;
  std::set<std::uint64_t> ids;
  for (int round = 0; round < 2; ++round) {
    for (const char* layout : kLayouts) ids.insert(Follow(tree, layout));
  }
  EXPECT_EQ(ids.size(), std::size(kLayouts));
  EXPECT_FALSE(ids.contains(0));
}

TEST(LayoutTree, LearnsUpTo128KeysAndFourKibibytesOfThem) {
  LayoutTree tree;
  std::string keys;
  for (std::size_t i = 0; i < LayoutTree::kMostKeys; ++i) {
    keys += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
  }
  EXPECT_TRUE(Learn(tree, "{" + keys + "}"));
  EXPECT_FALSE(Learn(tree, "{" + keys + ",\"one more\":0}"));
  EXPECT_FALSE(Learn(tree, "{\"one more\":{" + keys + "}}"));
  EXPECT_TRUE(Learn(tree, OneKey(std::string(LayoutTree::kMostText, 'k'))));
  EXPECT_FALSE(Learn(tree, OneKey(std::string(LayoutTree::kMostText + 1, 'k'))));
  EXPECT_FALSE(Learn(tree, TwoKeys("k", std::string(LayoutTree::kMostText, 'k'))));
  EXPECT_FALSE(Learn(tree, "{}"));
}

TEST(LayoutTree, KnowsALayoutThatRecursAmongAnyNumberOfOthers) {
  LayoutTree tree;
  ASSERT_TRUE(Learn(tree, R"({"recurs":1,"x":2})"));
  const std::uint64_t layout = Follow(tree, R"({"recurs":1,"x":2})");
  ASSERT_NE(layout, 0U);
  for (std::size_t i = 0; i < 10 * LayoutTree::kMostChildren; ++i) {
    const std::string other = OneKey(std::to_string(i));
    ASSERT_TRUE(Learn(tree, other));
    ASSERT_NE(Follow(tree, other), 0U);
    ASSERT_EQ(Follow(tree, R"({"recurs":1,"x":2})"), layout) << i;
  }
  // What did not recur had to go.
  EXPECT_EQ(Follow(tree, OneKey("0")), 0U);
}

TEST(LayoutTree, IsBoundedWhateverTheKeysAre) {
  LayoutTree tree;
  const std::string padding(LayoutTree::kMostText - 8, 'k');
  for (int i = 0; i < 2'000; ++i) {
    ASSERT_TRUE(Learn(tree, OneKey(std::to_string(i) + padding)));
    ASSERT_LE(tree.text_size(), LayoutTree::kMostTextOfAll);
  }
  for (int i = 0; i < 40'000; ++i) {
    ASSERT_TRUE(Learn(tree, OneKey(std::to_string(i))));
    ASSERT_LE(tree.node_count(), LayoutTree::kMostNodes);
  }
  EXPECT_NE(Follow(tree, OneKey("39999")), 0U);
}

TEST(LayoutTree, IsNotWorthAskingForAWhileAfterManyNewLayouts) {
  LayoutTree tree;
  std::size_t asked = 0;
  for (int i = 0; i < 4'352; ++i) {
    if (!tree.IsWorthAsking()) continue;
    ++asked;
    ASSERT_TRUE(Learn(tree, OneKey(std::to_string(i))));
  }
  EXPECT_EQ(asked, 256U);
  // Then it is tried again, and is worth it if the layouts are known.
  for (int i = 0; i < 4'352; ++i) ASSERT_TRUE(tree.IsWorthAsking()) << i;
}

}  // namespace
}  // namespace auditflow::event
