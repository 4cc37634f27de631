#include "cli/dead_letter_file.hpp"

#include <cstdio>
#include <fstream>
#include <utility>

#include "auditflow/core/utf8.hpp"
#include "auditflow/event/json_writer.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::cli {
namespace {

constexpr std::size_t kBatch = 256;
constexpr Duration kWait = std::chrono::milliseconds(50);
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

}  // namespace

DeadLetterFile::DeadLetterFile(std::filesystem::path path, broker::InProcessBroker& broker,
                               const std::vector<std::string>& queues)
    : path_(std::move(path)) {
  for (const std::string& queue : queues) {
    queues_.push_back({queue, broker.NewConsumer(queue + ".dead-letter")});
  }
}

void DeadLetterFile::Run(const std::stop_token& stop) {
  bool more = true;
  while (more || !stop.stop_requested()) {
    more = false;
    for (Queue& queue : queues_) more = Move(queue, kWait) > 0 || more;
  }
}

std::size_t DeadLetterFile::Move(Queue& queue, Duration wait) {
  const Result<std::vector<broker::Delivery>> deliveries = queue.consumer->Receive(kBatch, wait);
  if (!deliveries || deliveries->empty()) return 0;
  std::string text;
  std::vector<std::uint64_t> tags;
  for (const broker::Delivery& delivery : *deliveries) {
    AppendLine(queue.name, delivery.message, text);
    tags.push_back(delivery.tag);
  }
  if (!Append(text) && !std::exchange(failed_, true)) {
    observe::log::Error("dead_letters", "cannot write " + path_.string());
  }
  const Status status = queue.consumer->Ack(tags);
  return status.ok() ? deliveries->size() : 0;
}

bool DeadLetterFile::Append(std::string_view text) {
  std::ofstream file(path_, std::ios::app | std::ios::binary);
  file << text;
  file.flush();
  return file.good();
}

}  // namespace auditflow::cli
