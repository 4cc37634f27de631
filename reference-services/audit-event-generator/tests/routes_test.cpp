#include <map>
#include <string>

#include <gmock/gmock.h>

#include "auditflow/api/open_api.hpp"
#include "auditflow/generate/traffic_mix.hpp"
#include "auditflow/pipeline/event_feed.hpp"

#include "audit-event-generator/generator_service.hpp"
#include "common/tests/assembled_service.hpp"
#include "embedded/openapi.hpp"

namespace auditflow::services {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class GeneratorRoutes : public AssembledServiceTest<GeneratorService> {
 protected:
  GeneratorRoutes() : AssembledServiceTest("audit-event-generator", kOpenApi) {}
};

TEST_F(GeneratorRoutes, AreWhatTheOpenApiDocumentSays) {
  ASSERT_EQ(Read({}), "");
  ASSERT_TRUE(Assemble().ok());
  EXPECT_THAT(api::CompareOpenApi(host_.router(), Send("GET", "/openapi.json").body), IsEmpty());
}

TEST_F(GeneratorRoutes, TheDocumentNamesEveryMix) {
  for (const generate::TrafficMix& mix : generate::TrafficMixes()) {
    EXPECT_THAT(kOpenApi, HasSubstr("\"" + std::string(mix.name) + "\""));
  }
}

TEST_F(GeneratorRoutes, AnswerBeforeThereIsABroker) {
  ASSERT_EQ(Read({}), "");
  ASSERT_TRUE(Assemble().ok());
  const http::Response health = Send("GET", "/healthz");
  EXPECT_EQ(health.status, 503);
  EXPECT_THAT(health.body, HasSubstr(R"("status":"unhealthy")"));
  EXPECT_THAT(health.body, HasSubstr(R"("rabbitmq_connected":false)"));
  const http::Response event = Send("POST", "/generate_event", R"({"event_type":"t"})");
  EXPECT_EQ(event.status, 503);
  EXPECT_TRUE(http::FindHeader(event.headers, "Retry-After").has_value());
  EXPECT_EQ(Send("GET", "/rate").body,
            R"({"events_per_second":0.2,"measured_events_per_second":0,"published":0})");
  EXPECT_THAT(Send("GET", "/mix").body, HasSubstr(R"("mix":"uniform")"));
  EXPECT_TRUE(application_.Stop(std::chrono::seconds(1)).ok());
}

TEST_F(GeneratorRoutes, DefaultsAreTheContracts) {
  const std::string settings = table_.Print();
  for (const char* const line :
       {"RABBITMQ_HOST=rabbitmq-service", "RABBITMQ_PORT=5672", "RABBITMQ_USER=user",
        "RABBITMQ_QUEUE=audit_events", "RABBITMQ_QUEUE_KIND=classic",
        "EVENT_GENERATION_INTERVAL_SECONDS=5", "GENERATOR_MIX=uniform"}) {
    EXPECT_THAT(settings, HasSubstr(line));
  }
}

TEST_F(GeneratorRoutes, SettingsAreTaken) {
  ASSERT_EQ(Read({{"GENERATOR_RATE", "12.5"}, {"GENERATOR_MIX", "insider"}}), "");
  ASSERT_TRUE(Assemble().ok());
  EXPECT_THAT(Send("GET", "/rate").body, HasSubstr(R"("events_per_second":12.5,)"));
  EXPECT_THAT(Send("GET", "/mix").body, HasSubstr(R"("mix":"insider")"));
}

TEST_F(GeneratorRoutes, WrongSettingsAreNamed) {
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"GENERATOR_RATE", "-1"},
                                          {"GENERATOR_RATE", "fast"},
                                          {"GENERATOR_RATE", "1000001"},
                                          {"GENERATOR_MIX", "noisy"},
                                          {"GENERATOR_SEED", "x"},
                                          {"GENERATOR_COUNT", "0"},
                                          {"GENERATOR_START_TIME", "yesterday"},
                                          {"EVENT_GENERATION_INTERVAL_SECONDS", "-5"}}) {
    EXPECT_THAT(Read({{name, value}}), HasSubstr(name));
  }
}

TEST(GeneratorSettings, TheRateIsThatOfTheIntervalUnlessItIsGiven) {
  GeneratorSettings settings;
  EXPECT_EQ(settings.StartRate(), 0.2);
  settings.interval_seconds = 0;
  EXPECT_EQ(settings.StartRate(), pipeline::kUnlimitedRate);
  settings.rate = 0;
  EXPECT_EQ(settings.StartRate(), 0);
}

TEST(EventSource, TimesAreThoseOfTheDayOrOfTheSchedule) {
  observe::Metrics metrics;
  observe::GeneratorMetrics generator_metrics(metrics);
  ManualClock clock(Timestamp::Parse("2026-05-01T00:00:00Z").value());
  auto generator = generate::EventGenerator::Create({}).value();
  EventSource live(generator, generator_metrics, clock, std::nullopt, std::chrono::seconds(1));
  EXPECT_THAT(live.Next().body, HasSubstr(R"("timestamp":"2026-05-01T00:00:00Z")"));
  clock.Advance(std::chrono::seconds(5));
  EXPECT_THAT(live.Next().body, HasSubstr(R"("timestamp":"2026-05-01T00:00:05Z")"));
  EventSource planned(generator, generator_metrics, clock,
                      Timestamp::Parse("2020-01-01T00:00:00Z").value(), std::chrono::minutes(1));
  EXPECT_THAT(planned.Next().body, HasSubstr(R"("timestamp":"2020-01-01T00:00:00Z")"));
  const broker::Message second = planned.Next();
  EXPECT_THAT(second.body, HasSubstr(R"("timestamp":"2020-01-01T00:01:00Z")"));
  EXPECT_THAT(second.body, HasSubstr("{\"event_id\":\"" + second.message_id + "\""));
}

}  // namespace
}  // namespace auditflow::services
