#include "auditflow/correlate/window_group.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/correlate/store_test_support.hpp"
#include "tests/correlate/window_scenario.hpp"

namespace auditflow::correlate {
namespace {

using sigma::CorrelationType;

constexpr std::uint64_t kStreams = 150;

/// Each group lives as bytes: it is loaded for every update and saved behind it.
class SavedGroups final : public WindowStore {
 public:
  SavedGroups(const WindowSpec& spec, Duration lateness)
      : rule_(std::make_shared<const WindowRule>(spec, lateness, kNoLimits)) {}

  Result<std::vector<Firing>> Apply(std::span<const WindowUpdate> updates) override {
    std::vector<Firing> firings;
    for (const WindowUpdate& update : updates) {
      const auto decoded = DecodeUpdate(EncodeUpdate(update));
      if (!decoded) return Error(decoded.error());
      Change(update.group, firings,
             [&](WindowGroup& group, std::vector<Firing>& fired) { group.Apply(*decoded, fired); });
    }
    return firings;
  }
  Result<std::vector<Firing>> Release(Timestamp now) override {
    std::vector<Firing> firings;
    for (const auto& [name, bytes] : saved_) {
      Change(name, firings,
             [&](WindowGroup& group, std::vector<Firing>& fired) { group.Release(now, fired); });
    }
    return firings;
  }
  [[nodiscard]] WindowStatistics Statistics() const override { return {}; }
  [[nodiscard]] const std::map<std::string, std::string>& saved() const { return saved_; }
  [[nodiscard]] const std::shared_ptr<const WindowRule>& rule() const { return rule_; }

 private:
  template <class F>
  void Change(const std::string& name, std::vector<Firing>& firings, const F& change) {
    const auto bytes = saved_.find(name);
    WindowGroup group(rule_);
    if (bytes != saved_.end()) {
      auto loaded = WindowGroup::Load(rule_, bytes->second);
      ASSERT_TRUE(loaded.has_value()) << loaded.error().ToString();
      group = *std::move(loaded);
    }
    std::vector<Firing> fired;
    change(group, fired);
    for (const Firing& firing : fired) {
      const auto decoded = DecodeFiring(EncodeFiring(firing));
      ASSERT_TRUE(decoded.has_value());
      firings.push_back(*decoded);
      firings.back().group = name;
    }
    saved_[name] = group.Save();
  }

  std::shared_ptr<const WindowRule> rule_;
  std::map<std::string, std::string> saved_;
};

class WindowGroupTest : public testing::TestWithParam<CorrelationType> {};

TEST_P(WindowGroupTest, SavingAndLoadingChangesNothing) {
  for (std::uint64_t seed = 0; seed < kStreams; ++seed) {
    Scenario scenario(GetParam(), seed + 500);
    auto stream = scenario.WithDuplicates(scenario.Delayed(scenario.InOrder()));
    if (seed % 2 == 1) stream = scenario.Shuffled(stream);
    SavedGroups store(scenario.spec(), scenario.lateness());
    const Groups expected = scenario.Run(stream);
    const Groups actual = scenario.Run(stream, store);
    ASSERT_TRUE(Same(actual, expected)) << "seed " << seed << "\n"
                                        << Describe(actual) << "expected\n"
                                        << Describe(expected);
  }
}

TEST_P(WindowGroupTest, CutAndLengthenedBytesAreRefused) {
  Scenario scenario(GetParam(), 7);
  SavedGroups store(scenario.spec(), scenario.lateness());
  ASSERT_TRUE(store.Apply(scenario.InOrder()).has_value());
  for (const auto& [name, bytes] : store.saved()) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(WindowGroup::Load(store.rule(), bytes.substr(0, size)).has_value()) << size;
    }
    EXPECT_FALSE(WindowGroup::Load(store.rule(), bytes + '\0').has_value());
  }
}

/// Whatever bytes there are: an answer, and a group that still works.
TEST_P(WindowGroupTest, ChangedBytesDoNoHarm) {
  Scenario scenario(GetParam(), 11);
  SavedGroups store(scenario.spec(), scenario.lateness());
  const auto stream = scenario.InOrder();
  ASSERT_TRUE(store.Apply(stream).has_value());
  for (std::string bytes : {store.saved().begin()->second}) {
    for (char& byte : bytes) {
      const char before = std::exchange(byte, static_cast<char>(byte ^ 0x81));
      auto loaded = WindowGroup::Load(store.rule(), bytes);
      std::vector<Firing> firings;
      if (loaded) {
        for (const WindowUpdate& update : stream) loaded->Apply(update, firings);
        loaded->Release(kEndOfInput, firings);
      }
      byte = before;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Windows, WindowGroupTest, EveryType(), NameOfType);

TEST(WindowRule, FingerprintsDifferWhereStatesDo) {
  const WindowSpec spec = Spec(CorrelationType::kEventCount, std::chrono::seconds(10), {});
  const auto print = [](const WindowSpec& of, Duration lateness, std::size_t events) {
    return WindowRule(of, lateness, WindowLimits{.max_events_per_group = events}).Fingerprint();
  };
  const std::string base = print(spec, Duration(1), 10);
  EXPECT_EQ(base, print(spec, Duration(1), 10));
  EXPECT_NE(base, print(spec, Duration(2), 10));
  EXPECT_NE(base, print(spec, Duration(1), 11));
  WindowSpec other = spec;
  other.key = "another";
  EXPECT_NE(base, print(other, Duration(1), 10));
}

}  // namespace
}  // namespace auditflow::correlate
