#include "auditflow/observe/logging.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "src/observe/log_record.hpp"

namespace auditflow::observe::log {
namespace {

class CallbackSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit CallbackSink(std::function<void(std::string_view)> callback)
      : callback_(std::move(callback)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    try {
      callback_({message.payload.data(), message.payload.size()});
    } catch (...) {  // NOLINT(bugprone-empty-catch): a record is never worth a crash
    }
  }
  void flush_() override {}

  std::function<void(std::string_view)> callback_;
};

// One `Configure`. Records in flight keep it alive after the next one.
struct Setup {
  explicit Setup(const Options& options)
      : format(options.format),
        service(options.service),
        clock(options.clock != nullptr ? *options.clock : SystemClock()),
        logger("auditflow", MakeSink(options)) {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);  // the level is decided before the record is formatted
    logger.flush_on(spdlog::level::trace);
  }

  static spdlog::sink_ptr MakeSink(const Options& options) {
    if (options.sink) return std::make_shared<CallbackSink>(options.sink);
    return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }

  Format format;
  std::string service;
  const Clock& clock;
  spdlog::logger logger;
};

struct State {
  std::mutex mutex;
  std::shared_ptr<Setup> setup = std::make_shared<Setup>(Options());
  std::atomic<Level> level{Level::kInfo};
};

State& TheState() {
  static State& state = *new State;  // never destroyed: static destructors may still log
  return state;
}

std::shared_ptr<Setup> CurrentSetup() {
  State& state = TheState();
  const std::scoped_lock lock(state.mutex);
  return state.setup;
}

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
    case Level::kOff:
      break;
  }
  return spdlog::level::off;
}

struct LevelName {
  std::string_view name;
  Level level;
};

constexpr std::array<LevelName, 9> kLevelNames = {{{"debug", Level::kDebug},
                                                   {"trace", Level::kDebug},
                                                   {"info", Level::kInfo},
                                                   {"warning", Level::kWarning},
                                                   {"warn", Level::kWarning},
                                                   {"error", Level::kError},
                                                   {"critical", Level::kError},
                                                   {"fatal", Level::kError},
                                                   {"off", Level::kOff}}};

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string& ThreadCorrelationId() {
  thread_local std::string id;
  return id;
}

}  // namespace

std::string_view ToString(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
    case Level::kOff:
      break;
  }
  return "off";
}

Result<Level> ParseLevel(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = LowerAscii(c);
  for (const LevelName& entry : kLevelNames) {
    if (entry.name == lower) return entry.level;
  }
  return auditflow::Error(InvalidArgument("log level '" + EscapeForTerminal(text.substr(0, 64)) +
                                          "' is none of debug, info, warning, error, off"));
}

void Configure(const Options& options) {
  auto setup = std::make_shared<Setup>(options);
  State& state = TheState();
  {
    const std::scoped_lock lock(state.mutex);
    state.setup.swap(setup);
  }
  state.level = options.level;
}

Status SetLogLevel(std::string_view level) {
  const Result<Level> parsed = ParseLevel(level);
  if (!parsed) return parsed.error();
  SetLogLevel(*parsed);
  return {};
}

void SetLogLevel(Level level) { TheState().level = level; }
Level LogLevel() { return TheState().level; }
bool Enabled(Level level) { return level != Level::kOff && level >= LogLevel(); }

void Write(Level level, std::string_view component, std::string_view message, Fields fields) {
  if (!Enabled(level)) return;
  try {
    const std::shared_ptr<Setup> setup = CurrentSetup();
    const Record record{setup->clock.Now(), level,           component, message,
                        setup->service,     CorrelationId(), fields};
    const std::string line =
        setup->format == Format::kJson ? ToJsonLine(record) : ToTextLine(record);
    setup->logger.log(ToSpdlog(level), spdlog::string_view_t(line));
  } catch (...) {  // NOLINT(bugprone-empty-catch): out of memory; there is nowhere to say so
  }
}

ScopedCorrelationId::ScopedCorrelationId(std::string_view id)
    : previous_(std::exchange(ThreadCorrelationId(), std::string(id))) {}

ScopedCorrelationId::~ScopedCorrelationId() { ThreadCorrelationId() = std::move(previous_); }

std::string_view CorrelationId() { return ThreadCorrelationId(); }

std::optional<std::uint64_t> RateLimiter::Admit() {
  const std::scoped_lock lock(mutex_);
  const Duration now = clock_.Monotonic();
  if (last_ && now - *last_ < interval_) {
    ++held_back_;
    return std::nullopt;
  }
  last_ = now;
  return std::exchange(held_back_, 0);
}

}  // namespace auditflow::observe::log
