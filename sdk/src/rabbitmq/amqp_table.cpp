#include "src/rabbitmq/amqp_table.hpp"

#include <charconv>
#include <limits>

namespace auditflow::rabbitmq {
namespace {

template <class Number>
std::string Print(Number number) {
  char text[64];
  const auto end = std::to_chars(std::begin(text), std::end(text), number);
  return {text, end.ptr};
}

std::optional<std::int64_t> ToInteger(const amqp_field_value_t& value) {
  switch (value.kind) {
    case AMQP_FIELD_KIND_I8:
      return value.value.i8;
    case AMQP_FIELD_KIND_U8:
      return value.value.u8;
    case AMQP_FIELD_KIND_I16:
      return value.value.i16;
    case AMQP_FIELD_KIND_U16:
      return value.value.u16;
    case AMQP_FIELD_KIND_I32:
      return value.value.i32;
    case AMQP_FIELD_KIND_U32:
      return value.value.u32;
    case AMQP_FIELD_KIND_I64:
      return value.value.i64;
    default:
      return std::nullopt;
  }
}

}  // namespace

amqp_table_entry_t StringEntry(std::string_view key, std::string_view value) {
  amqp_table_entry_t entry{};
  entry.key = BytesOf(key);
  entry.value.kind = AMQP_FIELD_KIND_UTF8;
  entry.value.value.bytes = BytesOf(value);
  return entry;
}

amqp_table_entry_t BooleanEntry(std::string_view key, bool value) {
  amqp_table_entry_t entry{};
  entry.key = BytesOf(key);
  entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
  entry.value.value.boolean = value ? 1 : 0;
  return entry;
}

amqp_table_entry_t NumberEntry(std::string_view key, std::int64_t value) {
  amqp_table_entry_t entry{};
  entry.key = BytesOf(key);
  entry.value.kind = AMQP_FIELD_KIND_I64;
  entry.value.value.i64 = value;
  return entry;
}

amqp_table_entry_t TableEntry(std::string_view key, std::vector<amqp_table_entry_t>& entries) {
  amqp_table_entry_t entry{};
  entry.key = BytesOf(key);
  entry.value.kind = AMQP_FIELD_KIND_TABLE;
  entry.value.value.table = TableOf(entries);
  return entry;
}

amqp_table_t TableOf(std::vector<amqp_table_entry_t>& entries) {
  amqp_table_t table;
  table.num_entries = static_cast<int>(entries.size());
  table.entries = entries.data();
  return table;
}

std::optional<std::string> ToText(const amqp_field_value_t& value) {
  if (const auto number = ToInteger(value)) return Print(*number);
  switch (value.kind) {
    case AMQP_FIELD_KIND_UTF8:
    case AMQP_FIELD_KIND_BYTES:
      return std::string(ViewOf(value.value.bytes));
    case AMQP_FIELD_KIND_BOOLEAN:
      return value.value.boolean != 0 ? "true" : "false";
    case AMQP_FIELD_KIND_U64:
    case AMQP_FIELD_KIND_TIMESTAMP:
      return Print(value.value.u64);
    case AMQP_FIELD_KIND_F32:
      return Print(value.value.f32);
    case AMQP_FIELD_KIND_F64:
      return Print(value.value.f64);
    default:
      return std::nullopt;
  }
}

std::optional<std::uint64_t> ToCount(const amqp_field_value_t& value) {
  if (value.kind == AMQP_FIELD_KIND_U64) return value.value.u64;
  const auto number = ToInteger(value);
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

}  // namespace auditflow::rabbitmq
