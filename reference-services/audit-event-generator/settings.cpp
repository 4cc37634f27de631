#include "audit-event-generator/settings.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <string_view>
#include <vector>

#include "auditflow/api/generator.hpp"
#include "auditflow/generate/traffic_mix.hpp"
#include "auditflow/pipeline/event_feed.hpp"

#include "common/rabbitmq_settings.hpp"

namespace auditflow::services {
namespace {

constexpr double kLongestInterval = 24 * 3600;

Status ReadRate(std::string_view text, std::optional<double>& rate) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool fits = error == std::errc() && end == text.data() + text.size() && value >= 0 &&
                    value <= api::kMaxRate;
  if (!fits) return InvalidArgument("'" + std::string(text) + "' is no number from 0 to 1000000");
  rate = value;
  return {};
}

std::string ShowRate(const std::optional<double>& rate) {
  std::array<char, 32> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), rate.value_or(0));
  return rate && error == std::errc() ? std::string(text.data(), end) : std::string();
}

Status ReadTime(std::string_view text, std::optional<Timestamp>& time) {
  const Result<Timestamp> read = Timestamp::Parse(text);
  if (!read) return read.error();
  time = *read;
  return {};
}

std::vector<std::string> MixNames() {
  std::vector<std::string> names;
  for (const generate::TrafficMix& mix : generate::TrafficMixes()) names.emplace_back(mix.name);
  return names;
}

void AddRateSettings(config::SettingTable& table, GeneratorSettings& settings) {
  table.Section("Events")
      .Real("EVENT_GENERATION_INTERVAL_SECONDS", settings.interval_seconds,
            "From one event to the next; 0 for as fast as the broker takes them", 0,
            kLongestInterval)
      .Custom(
          "GENERATOR_RATE", "0 to 1000000",
          [&settings](std::string_view text) { return ReadRate(text, settings.rate); },
          [&settings] { return ShowRate(settings.rate); },
          "Events per second in place of the interval; 0 for none until PUT /rate says so")
      .Number("GENERATOR_COUNT", settings.count,
              "Ends with so many events; those on request do not count and go on", 1);
}

void AddContentSettings(config::SettingTable& table, GeneratorSettings& settings) {
  table
      .Choice("GENERATOR_MIX", settings.mix, MixNames(),
              "Kind of traffic: what the Python generator makes, or with scenarios in it")
      .Number("GENERATOR_SEED", settings.seed,
              "The same seed makes the same events, ids included; by default a random one")
      .Custom(
          "GENERATOR_START_TIME", "RFC 3339",
          [&settings](std::string_view text) { return ReadTime(text, settings.start_time); },
          [&settings] {
            return settings.start_time ? settings.start_time->ToString() : std::string();
          },
          "Timestamp of the first event, for runs that are the same to the byte; by default each "
          "has the time of day")
      .Time("GENERATOR_TIME_STEP", settings.time_step,
            "With a start time: from one event's timestamp to the next one's");
}

}  // namespace

GeneratorSettings::GeneratorSettings() {
  publisher.connection = DefaultConnection("user", "password");
  publisher.connection.name = "audit-event-generator";
  publisher.connection.app_id = "audit-event-generator";
  publisher.queue = "audit_events";
  // What most correlations group by.
  publisher.topology.partition_fields = {"user_id"};
}

double GeneratorSettings::StartRate() const {
  if (rate) return *rate;
  return interval_seconds > 0 ? 1 / interval_seconds : pipeline::kUnlimitedRate;
}

void AddGeneratorSettings(config::SettingTable& table, GeneratorSettings& settings) {
  AddRateSettings(table, settings);
  AddContentSettings(table, settings);
  AddRabbitMqSettings(table, settings.publisher.connection);
  AddTopologySettings(table, settings.publisher.topology);
  table.Section("RabbitMQ")
      .Text("RABBITMQ_QUEUE", settings.publisher.queue, "Where events go")
      .List("RABBITMQ_PARTITION_FIELDS", settings.publisher.topology.partition_fields,
            "consistent-hash: members of an event whose values together choose its partition, as "
            "user_id or details.ip_address; without them it is chosen by the event_id")
      .Number("RABBITMQ_WINDOW", settings.publisher.window,
              "Messages that are sent and not yet confirmed", 1, 100'000)
      .Number("GENERATOR_BATCH", settings.batch, "Events that are made and published together", 1,
              100'000)
      .Time("CONFIRM_TIMEOUT", settings.confirm_timeout,
            "How long an event on request may wait for the broker's confirm",
            std::chrono::milliseconds(10), std::chrono::seconds(60));
}

}  // namespace auditflow::services
