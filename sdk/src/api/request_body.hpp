#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auditflow/core/result.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/http/message.hpp"

namespace auditflow::api {

/// Whether a request that has a body says that it is JSON, or says nothing. A form of a web page,
/// which a browser sends anywhere, cannot.
[[nodiscard]] bool MayBeJson(const http::Request& request);

/// A request's JSON object, parsed strictly, of known members only.
///
/// Thread safety: thread-compatible.
class RequestBody {
 public:
  /// An empty text is an object without members.
  /// @return kInvalidArgument "offset N: …", or "name: …" for a member that is not in `members`.
  static Result<RequestBody> Parse(std::string_view json,
                                   std::span<const std::string_view> members);

  /// Nothing if the member is missing or null.
  /// @return kInvalidArgument "name: must be a string".
  [[nodiscard]] Result<std::optional<std::string>> Text(std::string_view name) const;
  /// @return kInvalidArgument "name: …" for what is no integer from 0 to 2³²-1.
  [[nodiscard]] Result<std::optional<std::uint32_t>> Number(std::string_view name) const;
  /// @return kInvalidArgument "name: …" for what is no number from `min` to `max`.
  [[nodiscard]] Result<std::optional<double>> Real(std::string_view name, double min,
                                                   double max) const;

 private:
  explicit RequestBody(event::Event document) : document_(std::move(document)) {}
  [[nodiscard]] std::optional<event::Value> Present(std::string_view name) const;

  event::Event document_;
};

}  // namespace auditflow::api
