#pragma once

#include <cstdint>
#include <string>

namespace auditflow::store {

/// What became of one element of a batch.
enum class InsertOutcome : std::uint8_t {
  kInserted,
  kDuplicate,  ///< it was there already; the stored row is unchanged
  kRejected,   ///< this one cannot be stored, see the reason; the others of the batch are
};

struct InsertResult {
  InsertOutcome outcome = InsertOutcome::kInserted;
  std::string reason;  ///< kRejected: "field: what is wrong"
};

}  // namespace auditflow::store
