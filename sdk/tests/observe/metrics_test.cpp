#include "auditflow/observe/metrics.hpp"

#include <atomic>
#include <chrono>
#include <clocale>
#include <cstddef>
#include <functional>
#include <limits>
#include <locale>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "auditflow/core/utf8.hpp"
#include "auditflow/observe/logging.hpp"
#include "auditflow/observe/timer.hpp"

namespace auditflow::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

int CountLines(const std::string& text, std::string_view prefix) {
  int count = 0;
  for (std::size_t at = text.find(prefix); at != std::string::npos;
       at = text.find(prefix, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') ++count;
  }
  return count;
}

TEST(Metrics, RendersTheTextFormat) {
  Metrics metrics;
  metrics.AddCounter("b_total", "How many.").Increment(3);
  metrics.AddGauge("a_level", "How high.").Set(-1.5);
  EXPECT_EQ(metrics.Render(),
            "# HELP a_level How high.\n# TYPE a_level gauge\na_level -1.5\n"
            "# HELP b_total How many.\n# TYPE b_total counter\nb_total 3\n");
}

TEST(Metrics, HistogramBucketsAreCumulative) {
  Metrics metrics;
  Histogram& histogram = metrics.AddHistogram("h_seconds", "Time.", {0.5, 1});
  for (const double value : {0.1, 0.7, 5.0}) histogram.Observe(value);
  histogram.Observe(std::numeric_limits<double>::quiet_NaN());
  const std::string text = metrics.Render();
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{le=\"0.5\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("h_seconds_count 3\n"));
}

TEST(Metrics, TheSameNameIsTheSameMetric) {
  Metrics metrics;
  Counter& first = metrics.AddCounter("c_total", "C.");
  EXPECT_EQ(&first, &metrics.AddCounter("c_total", "C."));
  EXPECT_EQ(&metrics.AddCounters("f_total", "F.", {.labels = {"a"}}).With({"x"}),
            &metrics.AddCounters("f_total", "F.", {.labels = {"a"}}).With({"x"}));
}

TEST(Counter, IgnoresWhatWouldMakeItFallOrBreakIt) {
  Metrics metrics;
  Counter& counter = metrics.AddCounter("c_total", "C.");
  counter.Increment(2);
  counter.Increment(-1);
  counter.Increment(std::numeric_limits<double>::quiet_NaN());
  counter.Increment(std::numeric_limits<double>::infinity());
  EXPECT_EQ(counter.Value(), 2);
  counter.RaiseTo(5);
  counter.RaiseTo(3);
  EXPECT_EQ(counter.Value(), 5);
}

struct Mistake {
  const char* name;
  std::function<void(Metrics&)> make;
};

class MistakeTest : public ::testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, IsLoggedAndChangesNothingInTheOutput) {
  std::vector<std::string> lines;
  log::Options options;
  options.sink = [&lines](std::string_view line) { lines.emplace_back(line); };
  log::Configure(options);
  Metrics metrics;
  metrics.AddCounters("taken_total", "T.", {.labels = {"a"}}).With({"x"}).Increment();
  const std::string before = metrics.Render();
  GetParam().make(metrics);
  log::Configure({});
  EXPECT_EQ(metrics.Render(), before);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("\"level\":\"error\""));
}

INSTANTIATE_TEST_SUITE_P(
    All, MistakeTest,
    ::testing::Values(
        Mistake{"BadName", [](Metrics& m) { m.AddCounter("1st total", "x").Increment(); }},
        Mistake{"EmptyName", [](Metrics& m) { m.AddGauge("", "x").Set(1); }},
        Mistake{"OtherType", [](Metrics& m) { m.AddGauge("taken_total", "x").Set(1); }},
        Mistake{"OtherLabels",
                [](Metrics& m) {
                  m.AddCounters("taken_total", "x", {.labels = {"b"}}).With({"x"}).Increment();
                }},
        Mistake{"BadLabel",
                [](Metrics& m) {
                  m.AddCounters("l_total", "x", {.labels = {"a-b"}}).With({"x"}).Increment();
                }},
        Mistake{"ReservedLabel",
                [](Metrics& m) {
                  m.AddHistograms("l_seconds", "x", {.labels = {"le"}}).With({"x"}).Observe(1.0);
                }},
        Mistake{"RepeatedLabel",
                [](Metrics& m) {
                  m.AddCounters("l_total", "x", {.labels = {"a", "a"}}).With({"x"}).Increment();
                }},
        Mistake{"FallingBuckets",
                [](Metrics& m) {
                  m.AddHistogram("l_seconds", "x", {2, 1}).Observe(1.0);
                }},
        Mistake{"Callback",
                [](Metrics& m) { (void)m.AddGauge("taken_total", "x", [] { return 1.0; }); }}),
    [](const auto& test) { return test.param.name; });

TEST(Family, MissingLabelValuesAreEmptyAndSurplusOnesIgnored) {
  Metrics metrics;
  CounterFamily& family = metrics.AddCounters("f_total", "F.", {.labels = {"a", "b"}});
  family.With({"x"}).Increment();
  family.With({"x", "", "z"}).Increment();
  EXPECT_THAT(metrics.Render(), HasSubstr("f_total{a=\"x\",b=\"\"} 2\n"));
}

TEST(Family, LabelValuesAreMadeSafeToPrint) {
  Metrics metrics;
  CounterFamily& family = metrics.AddCounters("f_total", "F.", {.labels = {"a"}});
  family.With({"line\nfeed\x01"}).Increment();
  family.With({"bad \xff\xfe utf8"}).Increment();
  family.With({"quote\" and \\"}).Increment();
  std::string long_value(127, 'x');
  family.With({long_value + "\xC3\xA9tail"}).Increment();  // the cut falls into the é
  const std::string text = metrics.Render();
  EXPECT_THAT(text, HasSubstr("{a=\"line?feed?\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{a=\"bad \xEF\xBF\xBD\xEF\xBF\xBD utf8\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{a=\"quote\\\" and \\\\\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{a=\"" + long_value + "\"} 1\n"));
  EXPECT_TRUE(IsValidUtf8(text));
}

TEST(Family, BeyondTheCapTheUnboundedLabelsCollapseFirst) {
  Metrics metrics;
  CounterFamily& family = metrics.AddCounters(
      "f_total", "F.",
      {.labels = {"type", "user"}, .max_label_sets = 2, .collapse_first = {"user"}});
  for (const std::string_view user : {"a", "b", "c", "d", "a"})
    family.With({"burst", user}).Increment();
  family.With({"file", "e"}).Increment();
  family.With({"third", "e"}).Increment();
  const std::string text = metrics.Render();
  EXPECT_THAT(text, HasSubstr("f_total{type=\"burst\",user=\"a\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("f_total{type=\"burst\",user=\"other\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("f_total{type=\"file\",user=\"other\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("f_total{type=\"other\",user=\"other\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_metrics_label_overflow_total{metric=\"f_total\"} 4\n"));
}

TEST(Family, StaysBoundedUnderAFloodOfValues) {
  Metrics metrics;
  CounterFamily& family = metrics.AddCounters(
      "f_total", "F.",
      {.labels = {"type", "user"}, .max_label_sets = 50, .collapse_first = {"user"}});
  for (int i = 0; i < 5000; ++i) {
    const std::string value = std::to_string(i);
    family.With({value, value}).Increment();
  }
  EXPECT_EQ(CountLines(metrics.Render(), "f_total{"), 101);
}

TEST(GaugeCallback, IsAskedAtEachRenderingUntilItIsReleased) {
  Metrics metrics;
  double level = 1;
  {
    const GaugeCallback callback = metrics.AddGauge("g", "G.", [&level] { return level; });
    EXPECT_THAT(metrics.Render(), HasSubstr("\ng 1\n"));
    level = 2;
    EXPECT_THAT(metrics.Render(), HasSubstr("\ng 2\n"));
  }
  EXPECT_EQ(metrics.Render(), "");
  const GaugeCallback again = metrics.AddGauge("g", "G.", [] { return 7.0; });
  EXPECT_THAT(metrics.Render(), HasSubstr("\ng 7\n"));
}

TEST(GaugeCallback, ThatThrowsIsLeftOut) {
  Metrics metrics;
  const GaugeCallback bad = metrics.AddGauge("g", "G.", []() -> double { throw 1; });
  metrics.AddCounter("c_total", "C.");
  EXPECT_THAT(metrics.Render(), Not(HasSubstr("g")));
  EXPECT_THAT(metrics.Render(), HasSubstr("c_total 0\n"));
}

TEST(GaugeCallback, MayAskForMetricsAndOutliveThem) {
  auto metrics = std::make_unique<Metrics>();
  GaugeCallback callback = metrics->AddGauge("g", "G.", [&] {
    metrics->AddCounter("asked_total", "A.").Increment();
    return 1.0;
  });
  (void)metrics->Render();
  EXPECT_THAT(metrics->Render(), HasSubstr("asked_total 1\n"));
  metrics.reset();
  callback = GaugeCallback();
}

class CommaPunctuation : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Metrics, TheLocaleDoesNotChangeTheOutput) {
  Metrics metrics;
  metrics.AddGauge("g", "G.").Set(1234567.5);
  metrics.AddHistogram("h_seconds", "H.", {0.25}).Observe(0.125);
  const std::string expected = metrics.Render();
  EXPECT_THAT(expected, HasSubstr("g 1234567.5\n"));

  const std::locale previous =
      std::locale::global(std::locale(std::locale(), new CommaPunctuation));
  const std::string with_cpp_locale = metrics.Render();
  std::locale::global(previous);
  EXPECT_EQ(with_cpp_locale, expected);
}

TEST(Metrics, TheCLocaleDoesNotChangeTheOutput) {
  Metrics metrics;
  metrics.AddGauge("g", "G.").Set(1234567.5);
  const std::string expected = metrics.Render();
  const char* set = nullptr;
  for (const char* name : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "pt_BR.UTF-8"}) {
    if (set == nullptr) set = std::setlocale(LC_ALL, name);
  }
  if (set == nullptr) GTEST_SKIP() << "no locale with a decimal comma is installed";
  const std::string under_locale = metrics.Render();
  std::setlocale(LC_ALL, "C");
  EXPECT_EQ(under_locale, expected);
}

TEST(Metrics, CountsExactlyUnderManyThreads) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&metrics] {
        Counter& counter = metrics.AddCounter("c_total", "C.");
        CounterFamily& family = metrics.AddCounters("f_total", "F.", {.labels = {"a"}});
        for (int i = 0; i < 500; ++i) {
          counter.Increment();
          family.With({std::to_string(i % 10)}).Increment();
          if (i % 100 == 0) (void)metrics.Render();
        }
      });
    }
  }
  EXPECT_THAT(metrics.Render(), HasSubstr("c_total 2000\n"));
  EXPECT_THAT(metrics.Render(), HasSubstr("f_total{a=\"3\"} 200\n"));
}

TEST(ScopedTimer, ObservesSecondsUnlessCancelled) {
  Metrics metrics;
  ManualClock clock;
  Histogram& histogram = metrics.AddHistogram("h_seconds", "H.", {1, 3});
  {
    const ScopedTimer timer(histogram, clock);
    clock.Advance(std::chrono::milliseconds(2500));
  }
  {
    ScopedTimer cancelled(histogram, clock);
    cancelled.Cancel();
  }
  EXPECT_THAT(metrics.Render(), HasSubstr("h_seconds_sum 2.5\n"));
  EXPECT_THAT(metrics.Render(), HasSubstr("h_seconds_count 1\n"));
}

TEST(Metrics, CounterCallbackIsAskedAtEachRendering) {
  Metrics metrics;
  double seconds = 1;
  const MetricCallback callback = metrics.AddCounter("s_total", "S.", [&] { return seconds; });
  EXPECT_EQ(metrics.Render(), "# HELP s_total S.\n# TYPE s_total counter\ns_total 1\n");
  seconds = 2.5;
  EXPECT_THAT(metrics.Render(), HasSubstr("s_total 2.5\n"));
}

TEST(Metrics, CounterCallbackSaysWhichSeriesThereAre) {
  Metrics metrics;
  std::vector<LabelledCount> counts = {{"b", 2}, {"a", 1}, {"b", 3}, {"x\n", 1}, {"x\t", 1}};
  auto callback = metrics.AddCounters("c_total", "C.", "name", [&] { return counts; });
  EXPECT_EQ(metrics.Render(),
            "# HELP c_total C.\n# TYPE c_total counter\nc_total{name=\"a\"} 1\n"
            "c_total{name=\"b\"} 5\nc_total{name=\"x?\"} 2\n");
  counts = {{"b", 6}};
  EXPECT_THAT(metrics.Render(), Not(HasSubstr("\"a\"")));
  callback = {};
  EXPECT_EQ(metrics.Render(), "");
}

TEST(Metrics, CounterCallbackWithABadLabelOrATakenNameIsNotRendered) {
  Metrics metrics;
  metrics.AddCounter("taken_total", "T.").Increment();
  const auto counts = [] { return std::vector<LabelledCount>{{"a", 1}}; };
  const MetricCallback taken = metrics.AddCounters("taken_total", "C.", "name", counts);
  const MetricCallback bad = metrics.AddCounters("bad_total", "C.", "no label", counts);
  EXPECT_EQ(metrics.Render(), "# HELP taken_total T.\n# TYPE taken_total counter\ntaken_total 1\n");
}

}  // namespace
}  // namespace auditflow::observe
