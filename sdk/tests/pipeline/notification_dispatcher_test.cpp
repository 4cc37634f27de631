#include "auditflow/pipeline/notification_dispatcher.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auditflow/store/in_memory_alert_store.hpp"
#include "auditflow/store/sqlite_alert_store.hpp"

#include "tests/store/numbered_alerts.hpp"
#include "tests/store/temporary_folder.hpp"

namespace auditflow::pipeline {
namespace {

using notify::BreakerState;
using notify::DeliveryOutcome;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using store::NumberedAlert;
using store::NumberedAlerts;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A receiver that does as it is told and writes down what came.
class FakeNotifier final : public notify::Notifier {
 public:
  struct Receiver {
    std::function<DeliveryOutcome(const notify::Notification&, const std::stop_token&)> answer;
    std::mutex mutex;
    std::vector<notify::Notification> received = {};

    std::size_t Count() {
      const std::lock_guard lock(mutex);
      return received.size();
    }
  };
  explicit FakeNotifier(std::shared_ptr<Receiver> receiver) : receiver_(std::move(receiver)) {}

  [[nodiscard]] std::string Describe() const override { return "fake"; }
  [[nodiscard]] Duration deadline() const override { return seconds(10); }
  DeliveryOutcome Deliver(const notify::Notification& notification,
                          const std::stop_token& abort) override {
    {
      const std::lock_guard lock(receiver_->mutex);
      receiver_->received.push_back(notification);
    }
    return receiver_->answer ? receiver_->answer(notification, abort)
                             : DeliveryOutcome::Delivered();
  }

 private:
  const std::shared_ptr<Receiver> receiver_;
};

/// An outbox that can be away.
class FlakyOutbox final : public store::Outbox {
 public:
  explicit FlakyOutbox(store::Outbox& outbox) : outbox_(outbox) {}
  std::atomic<bool> away = false;

  Result<std::vector<store::OutboxEntry>> Claim(const store::ClaimRequest& request) override {
    if (away) return Error(Unavailable("no database"));
    return outbox_.Claim(request);
  }
  Status Delivered(const store::OutboxEntry& entry) override {
    return away ? Unavailable("no database") : outbox_.Delivered(entry);
  }
  Status RetryAt(const store::OutboxEntry& entry, Timestamp at, std::string_view error) override {
    return away ? Unavailable("no database") : outbox_.RetryAt(entry, at, error);
  }
  Status DeadLetter(const store::OutboxEntry& entry, std::string_view reason) override {
    return away ? Unavailable("no database") : outbox_.DeadLetter(entry, reason);
  }
  Result<std::vector<store::DeadEntry>> ListDead(const store::DeadQuery& query) override {
    return outbox_.ListDead(query);
  }
  Result<std::uint64_t> Replay(std::span<const std::uint64_t> ids) override {
    return outbox_.Replay(ids);
  }
  Result<std::uint64_t> ReplayChannel(std::string_view channel) override {
    return outbox_.ReplayChannel(channel);
  }
  Result<std::uint64_t> Discard(std::span<const std::uint64_t> ids) override {
    return outbox_.Discard(ids);
  }
  Result<std::uint64_t> ForgetDead(Timestamp before, std::uint64_t keep) override {
    if (away) return Error(Unavailable("no database"));
    return outbox_.ForgetDead(before, keep);
  }
  Result<std::vector<store::OutboxNumbers>> Numbers() override {
    if (away) return Error(Unavailable("no database"));
    return outbox_.Numbers();
  }

 private:
  store::Outbox& outbox_;
};

class NotificationDispatcherTest : public testing::Test {
 protected:
  using Receiver = FakeNotifier::Receiver;

  void SetUp() override {
    options_.seed = 7;
    Make();
  }
  void Make() {
    std::vector<NotificationChannel> channels;
    for (const char* name : {"hook", "mail"}) {
      receivers_[name] = std::make_shared<Receiver>();
      channels.push_back({name, std::make_unique<FakeNotifier>(receivers_[name])});
    }
    dispatcher_ = std::make_unique<NotificationDispatcher>(outbox_, std::move(channels), metrics_,
                                                           health_, options_, clock_);
  }
  void Insert(std::uint64_t first, std::uint64_t count) {
    ASSERT_TRUE(store_.Insert(NumberedAlerts(first, count)).has_value());
  }
  void Answer(const std::string& channel, DeliveryOutcome outcome) {
    receivers_[channel]->answer = [outcome](const auto&, const auto&) { return outcome; };
  }
  Result<Duration> Run(std::string_view channel = "hook") {
    return dispatcher_->RunOnce(channel, {});
  }
  std::size_t Received(const std::string& channel = "hook") { return receivers_[channel]->Count(); }
  notify::ChannelState State() { return dispatcher_->Channels().at(0); }
  std::uint64_t Pending(const std::string& channel = "hook") {
    const std::vector<store::OutboxNumbers> all = store_.outbox().Numbers().value();
    for (const store::OutboxNumbers& numbers : all) {
      if (numbers.channel == channel) return numbers.pending;
    }
    return 0;
  }
  bool IsUp(std::string_view component) { return health_.IsUp(component); }

  ManualClock clock_{Timestamp::Parse("2026-11-20T19:00:00Z").value()};
  store::InMemoryAlertStore store_{{.outbox_targets = {{.channel = "hook"}, {.channel = "mail"}}},
                                   clock_};
  FlakyOutbox outbox_{store_.outbox()};
  observe::Metrics metrics_;
  observe::HealthRegistry health_{clock_};
  NotificationDispatcherOptions options_;
  std::map<std::string, std::shared_ptr<Receiver>> receivers_;
  std::unique_ptr<NotificationDispatcher> dispatcher_;
};

TEST_F(NotificationDispatcherTest, DeliversWhatIsDueOneAtATime) {
  Insert(1, 2);
  EXPECT_EQ(Run(), Duration::zero());
  EXPECT_EQ(Received(), 1U);
  EXPECT_EQ(Run(), Duration::zero());
  EXPECT_EQ(Run(), options_.poll_interval);
  ASSERT_EQ(Received(), 2U);
  const notify::Notification& first = receivers_["hook"]->received[0];
  EXPECT_EQ(first.alert, NumberedAlert(1));
  EXPECT_EQ(first.attempt, 1U);
  EXPECT_EQ(first.idempotency_key, store::IdempotencyKey(store::NumberedUuid(1), "hook"));
  EXPECT_EQ(Pending(), 0U);
  EXPECT_EQ(Pending("mail"), 2U);
  EXPECT_EQ(State().delivered, 2U);
  EXPECT_EQ(State().last_delivered_at, clock_.Now());
}

TEST_F(NotificationDispatcherTest, AFailureIsTriedAgainWithinTheBackoffUnderTheSameKey) {
  Insert(1, 1);
  Answer("hook", DeliveryOutcome::TryAgain("HTTP 503"));
  ASSERT_TRUE(Run().has_value());
  clock_.Advance(options_.backoff.base);
  ASSERT_TRUE(Run().has_value());
  ASSERT_EQ(Received(), 2U);
  clock_.Advance(options_.backoff.base * 2);
  Answer("hook", DeliveryOutcome::Delivered());
  ASSERT_TRUE(Run().has_value());
  const auto& received = receivers_["hook"]->received;
  ASSERT_EQ(received.size(), 3U);
  EXPECT_EQ(received[2].attempt, 3U);
  EXPECT_EQ(received[2].idempotency_key, received[0].idempotency_key);
  EXPECT_EQ(State().retried, 2U);
  EXPECT_EQ(State().last_error, "HTTP 503");
  EXPECT_EQ(State().failures_in_a_row, 0U);
}

TEST_F(NotificationDispatcherTest, RetryAfterHoldsTheWholeChannel) {
  Insert(1, 2);
  Answer("hook", DeliveryOutcome::TryAgain("HTTP 429", seconds(120)));
  ASSERT_TRUE(Run().has_value());
  EXPECT_EQ(Run(), seconds(120));
  clock_.Advance(seconds(119));
  EXPECT_EQ(Run(), seconds(1));
  EXPECT_EQ(Received(), 1U);
  EXPECT_EQ(State().resumes_at, clock_.Now() + seconds(1));
  EXPECT_EQ(State().breaker, BreakerState::kClosed);
  clock_.Advance(seconds(1));
  Answer("hook", DeliveryOutcome::Delivered());
  EXPECT_EQ(Run(), Duration::zero());
  EXPECT_EQ(Run(), Duration::zero());
  EXPECT_EQ(Pending(), 0U);
}

TEST_F(NotificationDispatcherTest, AWishForEverIsGrantedForAWhile) {
  Insert(1, 1);
  Answer("hook", DeliveryOutcome::TryAgain("HTTP 429", hours(24 * 365)));
  ASSERT_TRUE(Run().has_value());
  EXPECT_EQ(Run(), options_.max_retry_after);
}

TEST_F(NotificationDispatcherTest, WhatIsRefusedIsGivenUpAtOnce) {
  Insert(1, 1);
  Answer("hook", DeliveryOutcome::Refused("HTTP 404: no such hook"));
  ASSERT_TRUE(Run().has_value());
  clock_.Advance(hours(1));
  EXPECT_EQ(Run(), options_.poll_interval);
  EXPECT_EQ(Received(), 1U);
  const auto dead = store_.outbox().ListDead({}).value();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].reason, "HTTP 404: no such hook");
  EXPECT_EQ(State().dead_lettered, 1U);
  EXPECT_TRUE(IsUp("notify_hook"));
  Answer("hook", DeliveryOutcome::Delivered());
  ASSERT_EQ(store_.outbox().ReplayChannel("hook").value(), 1U);
  EXPECT_EQ(Run(), Duration::zero());
  EXPECT_EQ(receivers_["hook"]->received[1].idempotency_key, dead[0].idempotency_key);
}

TEST_F(NotificationDispatcherTest, ManyRefusalsInARowShowInTheHealth) {
  Insert(1, 5);
  Answer("hook", DeliveryOutcome::Refused("HTTP 401"));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Run().has_value());
  EXPECT_FALSE(IsUp("notify_hook"));
  EXPECT_TRUE(health_.Ready());
}

TEST_F(NotificationDispatcherTest, WhatGrewTooOldIsGivenUpAtItsNextFailure) {
  Insert(1, 1);
  clock_.Advance(options_.max_age + seconds(1));
  Answer("hook", DeliveryOutcome::TryAgain("HTTP 500"));
  ASSERT_TRUE(Run().has_value());
  const auto dead = store_.outbox().ListDead({}).value();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].reason, "waited longer than 1d: HTTP 500");
  EXPECT_THAT(metrics_.Render(),
              HasSubstr("auditflow_notifications_total{channel=\"hook\",outcome=\"expired\"} 1"));
}

TEST_F(NotificationDispatcherTest, TheBreakerOpensAfterFiveFailuresAndProbes) {
  Insert(1, 20);
  Answer("hook", DeliveryOutcome::TryAgain("connection refused"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Run(), Duration::zero());
  EXPECT_EQ(State().breaker, BreakerState::kOpen);
  EXPECT_FALSE(IsUp("notify_hook"));
  EXPECT_TRUE(health_.Ready());
  EXPECT_EQ(Run(), options_.breaker_pause);
  EXPECT_EQ(Received(), 5U);

  clock_.Advance(options_.breaker_pause);
  EXPECT_EQ(State().breaker, BreakerState::kHalfOpen);
  EXPECT_EQ(Run(), Duration::zero());
  EXPECT_EQ(Run(), options_.breaker_pause * 2);
  EXPECT_EQ(Received(), 6U);

  clock_.Advance(options_.breaker_pause * 2);
  Answer("hook", DeliveryOutcome::Delivered());
  EXPECT_EQ(Run(), Duration::zero());
  EXPECT_EQ(State().breaker, BreakerState::kClosed);
  EXPECT_TRUE(IsUp("notify_hook"));
  EXPECT_EQ(Run("mail"), Duration::zero());
  EXPECT_EQ(Received("mail"), 1U);
}

TEST_F(NotificationDispatcherTest, WhatCameOfAnAttemptIsKeptWhileTheOutboxIsAway) {
  Insert(1, 2);
  receivers_["hook"]->answer = [this](const auto&, const auto&) {
    outbox_.away = true;
    return DeliveryOutcome::Delivered();
  };
  EXPECT_EQ(Run().error().code(), StatusCode::kUnavailable);
  EXPECT_EQ(Run().error().code(), StatusCode::kUnavailable);
  EXPECT_EQ(Received(), 1U);
  outbox_.away = false;
  Answer("hook", DeliveryOutcome::Delivered());
  EXPECT_EQ(Run(), Duration::zero());
  EXPECT_EQ(Received(), 2U);
  EXPECT_EQ(receivers_["hook"]->received[1].alert, NumberedAlert(2));
  EXPECT_EQ(Pending(), 0U);
}

TEST_F(NotificationDispatcherTest, AWorkerThatLostItsLeaseMarksNothing) {
  Insert(1, 1);
  receivers_["hook"]->answer = [this](const auto&, const auto&) {
    clock_.Advance(hours(1));
    EXPECT_EQ(store_.outbox().Claim({"hook", 1, minutes(1)}).value().size(), 1U);
    return DeliveryOutcome::Delivered();
  };
  EXPECT_EQ(Run(), Duration::zero());
  EXPECT_EQ(Pending(), 1U);
  EXPECT_THAT(
      metrics_.Render(),
      HasSubstr("auditflow_notifications_total{channel=\"hook\",outcome=\"lost_lease\"} 1"));
}

TEST_F(NotificationDispatcherTest, WhatWasGivenUpIsKeptWithinBounds) {
  options_.dead_max_age = hours(48);
  options_.dead_max_count = 2;
  Make();
  Insert(1, 4);
  Answer("hook", DeliveryOutcome::Refused("no"));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Run().has_value());
    clock_.Advance(minutes(1));
  }
  ASSERT_TRUE(dispatcher_->RefreshNumbers().ok());
  EXPECT_THAT(store_.outbox().ListDead({}).value(), testing::SizeIs(2));
  EXPECT_THAT(metrics_.Render(), HasSubstr("auditflow_notifications_forgotten_total 1\n"));
  clock_.Advance(hours(48));
  ASSERT_TRUE(dispatcher_->RefreshNumbers().ok());
  EXPECT_THAT(store_.outbox().ListDead({}).value(), testing::SizeIs(0));
  EXPECT_THAT(metrics_.Render(), HasSubstr("auditflow_notifications_forgotten_total 3\n"));
  EXPECT_EQ(Pending(), 1U);
}

TEST_F(NotificationDispatcherTest, MetricsShowWhatWaits) {
  Insert(1, 3);
  Answer("hook", DeliveryOutcome::Refused("no"));
  ASSERT_TRUE(Run().has_value());
  clock_.Advance(minutes(2));
  ASSERT_TRUE(dispatcher_->RefreshNumbers().ok());
  const std::string text = metrics_.Render();
  EXPECT_THAT(text, HasSubstr("auditflow_notifications_pending{channel=\"hook\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_notifications_pending{channel=\"mail\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_notifications_dead{channel=\"hook\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("auditflow_notifications_oldest_pending_seconds{channel=\"hook\"} 120\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_notification_breaker_state{channel=\"hook\"} 0\n"));
  EXPECT_THAT(text,
              HasSubstr("auditflow_notifications_total{channel=\"hook\",outcome=\"refused\"} 1\n"));
}

TEST_F(NotificationDispatcherTest, AnUnknownChannelIsNotFound) {
  EXPECT_EQ(Run("pager").error().code(), StatusCode::kNotFound);
}

/// Waits for what threads do, for a long time at most.
bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) return true;
    SystemClock().SleepFor(std::chrono::milliseconds(2), {});
  }
  return false;
}

TEST_F(NotificationDispatcherTest, ASlowReceiverHoldsUpNoOther) {
  std::mutex mutex;
  std::condition_variable_any released;
  bool release = false;
  receivers_["hook"]->answer = [&](const auto&, const std::stop_token& abort) {
    std::unique_lock lock(mutex);
    released.wait(lock, abort, [&] { return release; });
    return DeliveryOutcome::Delivered();
  };
  Insert(1, 30);
  dispatcher_->Start();
  EXPECT_TRUE(Eventually([&] { return Received("mail") == 30 && Received("hook") == 1; }));
  {
    const std::lock_guard lock(mutex);
    release = true;
  }
  released.notify_all();
  EXPECT_TRUE(Eventually([&] { return Received("hook") == 30; }));
  EXPECT_TRUE(dispatcher_->Stop(minutes(1)).ok());
  EXPECT_EQ(Pending("hook") + Pending("mail"), 0U);
}

TEST_F(NotificationDispatcherTest, WakeCutsTheWaitForTheNextPollShort) {
  dispatcher_->Start();
  clock_.WaitForSleepers(3);  // two channels and the counting
  Insert(1, 1);
  dispatcher_->Wake();
  EXPECT_TRUE(Eventually([&] { return Received("hook") == 1 && Received("mail") == 1; }));
  EXPECT_TRUE(dispatcher_->Stop(minutes(1)).ok());
}

TEST_F(NotificationDispatcherTest, StoppingAbortsWhatDoesNotFinishAndLeavesItDue) {
  receivers_["hook"]->answer = [](const auto&, const std::stop_token& abort) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait(lock, abort, [] { return false; });
    return DeliveryOutcome::TryAgain("aborted");
  };
  Insert(1, 2);
  dispatcher_->Start();
  ASSERT_TRUE(Eventually([&] { return Received("hook") == 1; }));
  EXPECT_EQ(dispatcher_->Stop(Duration::zero()).code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Received("hook"), 1U);
  EXPECT_EQ(State().failures_in_a_row, 0U);
  EXPECT_EQ(store_.outbox().Claim({"hook", 9, minutes(1)}).value().size(), 2U);
}

TEST_F(NotificationDispatcherTest, AnOutboxThatComesBackIsWorkedOff) {
  outbox_.away = true;
  Insert(1, 1);
  dispatcher_->Start();
  EXPECT_TRUE(Eventually([&] { return !IsUp("notify_hook"); }));
  outbox_.away = false;
  EXPECT_TRUE(Eventually([&] {
    clock_.Advance(seconds(1));
    return Received("hook") == 1 && Received("mail") == 1;
  }));
  EXPECT_TRUE(dispatcher_->Stop(minutes(1)).ok());
  EXPECT_TRUE(IsUp("notify_hook"));
}

/// Tells its receiver, a file of keys, and dies as by `kill -9` before that can be marked.
class DyingNotifier final : public notify::Notifier {
 public:
  explicit DyingNotifier(int file) : file_(file) {}
  [[nodiscard]] std::string Describe() const override { return "dying"; }
  [[nodiscard]] Duration deadline() const override { return seconds(10); }
  DeliveryOutcome Deliver(const notify::Notification& notification,
                          const std::stop_token& /*abort*/) override {
    const std::string line = notification.idempotency_key + "\n";
    (void)!::write(file_, line.data(), line.size());
    if (++count_ == kDeadly) ::kill(::getpid(), SIGKILL);
    return DeliveryOutcome::Delivered();
  }

 private:
  static constexpr int kDeadly = 3;  ///< two are marked, the third is not
  const int file_;
  int count_ = 0;
};

/// A program that delivers what is due at `now`, and may die of it.
void DeliverAll(const std::filesystem::path& path, int file, Timestamp now) {
  ManualClock clock(now);
  const auto store = store::SqliteAlertStore::Create({.path = path}, clock).value();
  observe::Metrics metrics;
  observe::HealthRegistry health(clock);
  std::vector<NotificationChannel> channels;
  channels.push_back({"hook", std::make_unique<DyingNotifier>(file)});
  NotificationDispatcher dispatcher(store->outbox(), std::move(channels), metrics, health, {},
                                    clock);
  while (dispatcher.RunOnce("hook", {}) == Duration::zero()) continue;
  ::_exit(0);
}

TEST(NotificationDispatcherKill, LosesNothingAndRepeatsAtMostOneWithItsKey) {
  constexpr std::uint64_t kAlerts = 11;
  store::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "alerts.db";
  Timestamp now = Timestamp::Parse("2026-11-20T19:00:00Z").value();
  {
    ManualClock clock(now);
    const auto store = store::SqliteAlertStore::Create(
                           {.path = path, .outbox_targets = {{.channel = "hook"}}}, clock)
                           .value();
    ASSERT_TRUE(store->Insert(NumberedAlerts(1, kAlerts)).has_value());
  }
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  int kills = 0;
  for (int start = 0; start < 20; ++start) {
    const pid_t child = ::fork();
    if (child == 0) DeliverAll(path, pipe[1], now);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    now = now + minutes(5);  // past the lease of the dead
    if (!WIFSIGNALED(status)) break;
    ++kills;
  }
  ::close(pipe[1]);
  std::string text;
  char c = 0;
  while (::read(pipe[0], &c, 1) == 1) text += c;
  ::close(pipe[0]);
  std::map<std::string, int> keys;
  for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
    ++keys[text.substr(begin, text.find('\n', begin) - begin)];
  }
  EXPECT_EQ(keys.size(), kAlerts);
  int repeats = 0;
  for (const auto& [key, count] : keys) repeats += count - 1;
  EXPECT_GT(kills, 2);
  EXPECT_EQ(repeats, kills);
  for (std::uint64_t n = 1; n <= kAlerts; ++n) {
    EXPECT_TRUE(keys.contains(store::IdempotencyKey(store::NumberedUuid(n), "hook"))) << n;
  }
}

}  // namespace
}  // namespace auditflow::pipeline
