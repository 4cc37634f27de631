#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <amqp.h>

namespace auditflow::rabbitmq {

/// A view of `text`, which has to outlive it at its present address: moving a short string moves
/// its bytes.
inline amqp_bytes_t BytesOf(std::string_view text) {
  amqp_bytes_t bytes;
  bytes.len = text.size();
  bytes.bytes = const_cast<char*>(text.data());  // librabbitmq only reads it
  return bytes;
}

inline std::string_view ViewOf(const amqp_bytes_t& bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

amqp_table_entry_t StringEntry(std::string_view key, std::string_view value);
amqp_table_entry_t BooleanEntry(std::string_view key, bool value);
amqp_table_entry_t NumberEntry(std::string_view key, std::int64_t value);
amqp_table_entry_t TableEntry(std::string_view key, std::vector<amqp_table_entry_t>& entries);
/// The entries have to outlive it.
amqp_table_t TableOf(std::vector<amqp_table_entry_t>& entries);

/// A text, number or boolean as text; nothing for other kinds (lists, tables, void).
std::optional<std::string> ToText(const amqp_field_value_t& value);
/// Nothing if it is no whole number of at least 0.
std::optional<std::uint64_t> ToCount(const amqp_field_value_t& value);

}  // namespace auditflow::rabbitmq
