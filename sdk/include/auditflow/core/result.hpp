#pragma once

#include <utility>

#include <tl/expected.hpp>

#include "auditflow/core/status.hpp"

namespace auditflow {

/// A value or the reason why there is none. No AuditFlow function throws across its public
/// interface.
template <class T>
using Result = tl::expected<T, Status>;

/// `return Error(InvalidArgument("…"));` in a function that returns a `Result`.
inline tl::unexpected<Status> Error(Status status) {
  return tl::unexpected<Status>(std::move(status));
}

}  // namespace auditflow
