#include "src/rabbitmq/dead_letter.hpp"

#include <string>

#include "auditflow/core/utf8.hpp"

#include "src/rabbitmq/validate.hpp"

namespace auditflow::rabbitmq {
namespace {

constexpr std::string_view kOwnHeaders[] = {"x-auditflow-reason", "x-auditflow-queue",
                                            "x-auditflow-attempts"};
constexpr std::size_t kMaxReasonBytes = 1024;
/// Leaves room for our own headers.
constexpr std::size_t kMaxOtherHeaders = kMaxPropertyBytes - 4096;

bool IsOwn(std::string_view name) {
  for (const std::string_view own : kOwnHeaders) {
    if (name == own) return true;
  }
  return false;
}

}  // namespace

broker::Message MakeDeadLetter(broker::Message message, std::string_view queue,
                               std::uint32_t attempts, std::string_view reason) {
  std::erase_if(message.headers, [](const auto& header) { return IsOwn(header.first); });
  if (PropertyBytes(message) > kMaxOtherHeaders) message.headers.clear();
  const std::string readable = ReplaceInvalidUtf8(reason);
  message.headers.emplace_back(kOwnHeaders[0], CutUtf8(readable, kMaxReasonBytes));
  message.headers.emplace_back(kOwnHeaders[1], queue);
  message.headers.emplace_back(kOwnHeaders[2], std::to_string(attempts));
  return message;
}

}  // namespace auditflow::rabbitmq
