#include "src/correlate/window_codec.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "auditflow/correlate/window_group.hpp"

namespace auditflow::correlate {

void WriteId(ByteWriter& out, const Uuid& id) {
  for (const std::uint8_t byte : id.bytes()) out.U8(byte);
}

Uuid ReadId(ByteReader& in) {
  Uuid::Bytes bytes{};
  for (std::uint8_t& byte : bytes) byte = in.U8();
  return Uuid(bytes);
}

void WriteSample(ByteWriter& out, const std::vector<std::uint32_t>& slots,
                 const SampleValue& value) {
  out.U64(slots.size());
  for (const std::uint32_t slot : slots) out.U32(slot);
  out.U8(static_cast<std::uint8_t>(value.index()));
  if (const auto* text = std::get_if<std::string>(&value)) out.Text(*text);
  if (const auto* number = std::get_if<double>(&value)) out.F64(*number);
}

void ReadSample(ByteReader& in, std::vector<std::uint32_t>& slots, SampleValue& value) {
  slots.resize(in.Count(sizeof(std::uint32_t)));
  for (std::uint32_t& slot : slots) slot = in.U32();
  switch (in.U8()) {
    case 0:
      value = std::monostate();
      break;
    case 1:
      value = std::string(in.Text());
      break;
    case 2:
      value = in.F64();
      break;
    default:
      in.Raw(~std::uint64_t{0});  // marks the bytes as bad
  }
}

std::string EncodeUpdate(const WindowUpdate& update) {
  ByteWriter out;
  WriteId(out, update.event_id);
  out.U32(update.origin);
  out.I64(update.time.unix_nanos());
  out.I64(update.arrival.unix_nanos());
  WriteSample(out, update.slots, update.value);
  out.Text(update.payload);
  return out.Take();
}

Result<WindowUpdate> DecodeUpdate(std::string_view bytes) {
  ByteReader in(bytes);
  WindowUpdate update;
  update.event_id = ReadId(in);
  update.origin = in.U32();
  update.time = Timestamp::FromUnixNanos(in.I64());
  update.arrival = Timestamp::FromUnixNanos(in.I64());
  ReadSample(in, update.slots, update.value);
  update.payload = in.Text();
  if (!in.AtEnd()) return Error(DataLoss("window update: malformed"));
  return update;
}

std::string EncodeFiring(const Firing& firing) {
  ByteWriter out;
  WriteId(out, firing.event_id);
  out.I64(firing.time.unix_nanos());
  out.I64(firing.arrival.unix_nanos());
  out.F64(firing.value);
  out.U64(firing.events);
  out.I64(firing.first_time.unix_nanos());
  out.U64(firing.contributors.size());
  for (const Uuid& id : firing.contributors) WriteId(out, id);
  out.Text(firing.payload);
  return out.Take();
}

Result<Firing> DecodeFiring(std::string_view bytes) {
  ByteReader in(bytes);
  Firing firing;
  firing.event_id = ReadId(in);
  firing.time = Timestamp::FromUnixNanos(in.I64());
  firing.arrival = Timestamp::FromUnixNanos(in.I64());
  firing.value = in.F64();
  firing.events = in.U64();
  firing.first_time = Timestamp::FromUnixNanos(in.I64());
  firing.contributors.resize(in.Count(sizeof(Uuid::Bytes)));
  for (Uuid& id : firing.contributors) id = ReadId(in);
  firing.payload = in.Text();
  if (!in.AtEnd()) return Error(DataLoss("firing: malformed"));
  return firing;
}

}  // namespace auditflow::correlate
