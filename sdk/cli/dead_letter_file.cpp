#include "cli/dead_letter_file.hpp"

#include <cerrno>
#include <chrono>
#include <fstream>
#include <system_error>
#include <utility>

#include "auditflow/core/utf8.hpp"
#include "auditflow/event/json_writer.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::cli {
namespace {

constexpr std::string_view kComponent = "dead_letters";
constexpr std::size_t kBatch = 256;
constexpr Duration kWait = std::chrono::milliseconds(50);
constexpr Duration kPause = std::chrono::seconds(1);  // before what failed is tried again
constexpr std::string_view kReasonHeader = "x-auditflow-reason";

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 15U]);
  }
  return out;
}

std::string_view ReasonOf(const broker::Message& message) {
  for (const auto& [name, value] : message.headers) {
    if (name == kReasonHeader) return value;
  }
  return "";
}

void AppendLine(std::string_view queue, const broker::Message& message, std::string& out) {
  const bool text = IsValidUtf8(message.body);
  out += "{\"queue\":";
  event::AppendJsonString(queue, out);
  out += ",\"reason\":";
  event::AppendJsonString(ReasonOf(message), out);
  out += ",\"message_id\":";
  event::AppendJsonString(message.message_id, out);
  out += text ? ",\"body\":" : ",\"body_hex\":";
  event::AppendJsonString(text ? message.body : Hex(message.body), out);
  out += "}\n";
}

std::string DeadLettersOf(const std::string& queue) { return queue + ".dead-letter"; }

}  // namespace

DeadLetterFile::DeadLetterFile(std::filesystem::path path, broker::InProcessBroker& broker,
                               const std::vector<std::string>& queues,
                               observe::HealthRegistry& health, Clock& clock)
    : path_(std::move(path)), broker_(broker), health_(health), clock_(clock) {
  for (const std::string& queue : queues) {
    queues_.push_back({queue, broker.NewConsumer(DeadLettersOf(queue))});
  }
  health_.Register(kComponent, observe::Criticality::kInformational);
  health_.Set(kComponent, true);
}

void DeadLetterFile::Run(const std::stop_token& stop) {
  bool more = true;
  while (more || !stop.stop_requested()) {
    more = false;
    for (Queue& queue : queues_) {
      const Result<std::size_t> moved = Move(queue);
      if (moved) {
        more = more || *moved > 0;
      } else {
        Report(moved.error());
        clock_.SleepFor(kPause, stop);
      }
    }
  }
}

Result<std::size_t> DeadLetterFile::Move(Queue& queue) {
  const Result<std::vector<broker::Delivery>> deliveries = queue.consumer->Receive(kBatch, kWait);
  if (!deliveries || deliveries->empty()) return std::size_t{0};
  std::string text;
  std::vector<std::uint64_t> tags;
  for (const broker::Delivery& delivery : *deliveries) {
    AppendLine(queue.name, delivery.message, text);
    tags.push_back(delivery.tag);
  }
  if (Status status = Append(text); !status.ok()) {
    (void)queue.consumer->Requeue(tags);
    return Error(status);
  }
  Report({});
  (void)queue.consumer->Ack(tags);
  return tags.size();
}

Status DeadLetterFile::Append(std::string_view text) const {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path_, error);
  const std::uintmax_t before = error ? 0 : size;
  errno = 0;
  std::ofstream file(path_, std::ios::app | std::ios::binary);
  file << text;
  file.close();
  if (file) return {};
  const int reason = errno;
  // Half a line would spoil the next one, too.
  std::filesystem::resize_file(path_, before, error);
  return Unavailable(path_.string() +
                     " cannot be written: " + std::generic_category().message(reason));
}

void DeadLetterFile::Report(const Status& status) {
  if (!health_.Set(kComponent, status.ok(), status.message())) return;
  if (status.ok()) {
    observe::log::Info(kComponent, "up");
  } else {
    observe::log::Error(kComponent, status.message());
  }
}

std::size_t DeadLetterFile::unwritten() const {
  std::size_t count = 0;
  for (const Queue& queue : queues_) {
    const auto statistics = broker_.Statistics(DeadLettersOf(queue.name));
    count += statistics.ready + statistics.unsettled + statistics.dropped;
  }
  return count;
}

}  // namespace auditflow::cli
