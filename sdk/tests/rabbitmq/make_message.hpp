#pragma once

#include <string>
#include <utility>

#include "auditflow/broker/broker.hpp"

namespace auditflow::rabbitmq {

inline broker::Message MakeMessage(std::string body, std::string id = {},
                                   std::string content_type = "text/plain") {
  broker::Message message;
  message.body = std::move(body);
  message.message_id = std::move(id);
  message.content_type = std::move(content_type);
  return message;
}

inline broker::Message MakeMessageWithHeader(const std::string& name, const std::string& value,
                                             std::string id = "id") {
  broker::Message message = MakeMessage("", std::move(id));
  message.headers.emplace_back(name, value);
  return message;
}

}  // namespace auditflow::rabbitmq
