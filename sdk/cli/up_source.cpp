#include "cli/up_source.hpp"

#include <cmath>
#include <mutex>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/event/json_stream.hpp"
#include "auditflow/generate/event_generator.hpp"
#include "auditflow/input/reader.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::cli {
namespace {

constexpr Duration kUnpacedInterval = std::chrono::milliseconds(1);
constexpr std::uint64_t kReportedFaults = 20;
constexpr int kPollMilliseconds = 100;

class GeneratorSource final : public EventSource {
 public:
  GeneratorSource(generate::EventGenerator generator, std::uint64_t seed)
      : generator_(std::move(generator)), seed_(seed) {}

  std::optional<broker::Message> Next(const std::stop_token& stop) override {
    if (stop.stop_requested()) return std::nullopt;
    broker::Message message;
    message.body = generator_.Next();
    return message;
  }
  [[nodiscard]] std::string Describe() const override {
    return "generator, seed " + std::to_string(seed_);
  }

 private:
  generate::EventGenerator generator_;
  std::uint64_t seed_;
};

class InputSource final : public EventSource {
 public:
  InputSource(std::string name, observe::Ledger& ledger)
      : name_(std::move(name)), ledger_(ledger) {}

  Status Open(const std::string& path) {
    if (path == "-") {
      live_ = true;
      reader_ = std::make_unique<input::Reader>(
          [this](char* out, std::size_t room) { return ReadStandardInput(out, room); });
    } else {
      Result<std::unique_ptr<input::Reader>> reader = input::Reader::Open(path);
      if (!reader) return reader.error().WithContext("--input " + path);
      reader_ = std::move(*reader);
      live_ = !reader_->size().has_value();
    }
    stream_.emplace([this](char* out, std::size_t room) { return reader_->Read(out, room); });
    return {};
  }

  std::optional<broker::Message> Next(const std::stop_token& stop) override {
    stop_ = &stop;
    while (!stop.stop_requested()) {
      std::optional<event::StreamItem> item = stream_->Next();
      if (!item) return std::nullopt;
      if (item->status.ok()) return Take(*item);
      Reject(*item);
    }
    return std::nullopt;
  }
  [[nodiscard]] std::string Describe() const override { return name_; }
  [[nodiscard]] bool live() const override { return live_; }
  [[nodiscard]] std::uint64_t rejected() const override { return faults_; }
  [[nodiscard]] Status status() const override {
    const std::scoped_lock lock(mutex_);
    return status_;
  }

 private:
  /// Gives up waiting once the source is stopped: that is the end then.
  Result<std::size_t> ReadStandardInput(char* out, std::size_t room) const {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    while (::poll(&input, 1, kPollMilliseconds) <= 0) {
      if (stop_->stop_requested()) return 0;
    }
    const ssize_t count = ::read(STDIN_FILENO, out, room);
    if (count < 0) return Error(Unavailable("cannot be read"));
    return static_cast<std::size_t>(count);
  }

  [[nodiscard]] std::string Place(const event::StreamItem& item) const {
    return name_ + ":" + std::to_string(item.line);
  }

  [[nodiscard]] broker::Message Take(const event::StreamItem& item) const {
    broker::Message message;
    message.body = item.text;
    message.message_id = Place(item);
    return message;
  }

  void Reject(const event::StreamItem& item) {
    const StatusCode code = item.status.code();
    if (code != StatusCode::kInvalidArgument && code != StatusCode::kResourceExhausted) {
      const std::scoped_lock lock(mutex_);
      status_ = item.status.WithContext(Place(item));
      return;
    }
    ledger_.received.Increment();
    ledger_.Rejected(code == StatusCode::kResourceExhausted ? "too_large" : "no_document");
    if (++faults_ > kReportedFaults) return;
    observe::log::Warning("input", Place(item) + ": " + item.status.message());
    if (faults_ == kReportedFaults) {
      observe::log::Warning("input", "further faults of this input are only counted");
    }
  }

  const std::string name_;
  observe::Ledger& ledger_;
  const std::stop_token* stop_ = nullptr;  // of the call of `Next` that is running
  std::unique_ptr<input::Reader> reader_;
  std::optional<event::JsonStream> stream_;
  bool live_ = false;
  std::atomic<std::uint64_t> faults_ = 0;
  mutable std::mutex mutex_;
  Status status_;
};

}  // namespace

Result<std::unique_ptr<EventSource>> NewGeneratorSource(const UpOptions& options, double rate) {
  generate::EventGeneratorOptions generator_options;
  if (options.mix) generator_options.Use(*options.mix);
  generator_options.seed = options.seed.value_or(SystemRandom()->Next() >> 32U);
  generator_options.start = options.start_time.value_or(SystemClock().Now());
  generator_options.interval =
      rate > 0 ? std::chrono::nanoseconds(std::llround(1e9 / rate)) : kUnpacedInterval;
  Result<generate::EventGenerator> generator = generate::EventGenerator::Create(generator_options);
  if (!generator) return Error(generator.error());
  return std::make_unique<GeneratorSource>(std::move(*generator), generator_options.seed);
}

Result<std::unique_ptr<EventSource>> NewInputSource(const std::string& path,
                                                    observe::Ledger& ledger) {
  auto source = std::make_unique<InputSource>(path == "-" ? "standard input" : path, ledger);
  if (Status status = source->Open(path); !status.ok()) return Error(status);
  return source;
}

}  // namespace auditflow::cli
