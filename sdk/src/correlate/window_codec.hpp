#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "auditflow/core/uuid.hpp"

#include "src/core/byte_codec.hpp"

namespace auditflow::correlate {

using SampleValue = std::variant<std::monostate, std::string, double>;

void WriteId(ByteWriter& out, const Uuid& id);
Uuid ReadId(ByteReader& in);
void WriteSample(ByteWriter& out, const std::vector<std::uint32_t>& slots,
                 const SampleValue& value);
void ReadSample(ByteReader& in, std::vector<std::uint32_t>& slots, SampleValue& value);

}  // namespace auditflow::correlate
