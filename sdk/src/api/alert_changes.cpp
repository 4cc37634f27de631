#include "src/api/alert_changes.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "src/api/alert_intake.hpp"
#include "src/api/alert_problem.hpp"
#include "src/api/alert_request.hpp"
#include "src/api/alert_tag.hpp"
#include "src/api/request_body.hpp"

namespace auditflow::api {
namespace {

using store::ChangeNote;
using store::StoredAlert;

constexpr std::array<std::string_view, 4> kPatchMembers = {"status", "by", "reason", "version"};
constexpr std::array<std::string_view, 3> kDeleteMembers = {"by", "reason", "version"};

Result<std::optional<std::uint32_t>> ReadVersion(const http::Request& request) {
  const auto text = request.Query("version");
  if (!text) return std::nullopt;
  std::uint32_t version = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), version);
  if (error == std::errc() && end == text->data() + text->size()) return version;
  return Error(InvalidArgument("version: must be an integer from 0 to 4294967295"));
}

/// What the query says of the change, where the body does not say it.
Result<ChangeNote> ReadNote(const http::Request& request, const RequestBody& body) {
  const Result<std::optional<std::string>> by = body.Text("by");
  if (!by) return Error(by.error());
  const Result<std::optional<std::string>> reason = body.Text("reason");
  if (!reason) return Error(reason.error());
  const Result<std::optional<std::uint32_t>> version = body.Number("version");
  if (!version) return Error(version.error());
  const Result<std::optional<std::uint32_t>> in_query = ReadVersion(request);
  if (!in_query) return Error(in_query.error());
  const bool may_be_in_query = request.method == "DELETE";
  const auto text = [&](const std::optional<std::string>& said, std::string_view name) {
    return said || !may_be_in_query ? said.value_or("")
                                    : std::string(request.Query(name).value_or(""));
  };
  ChangeNote note{.by = text(*by, "by"), .reason = text(*reason, "reason")};
  note.expected_version = *version || !may_be_in_query ? *version : *in_query;
  return note;
}

/// Puts the one who is certain to ask in the place of who the request says it is.
Status Sign(const std::string& caller, ChangeNote& note) {
  if (note.by.empty() && caller.empty()) {
    return InvalidArgument("by: is needed: who changes the alert");
  }
  ChangeNote claimed = note;
  if (claimed.by.empty()) claimed.by = caller;
  if (Status status = Validate(claimed); !status.ok()) return status;
  if (!caller.empty()) note.by = caller;
  return Validate(note);
}

Result<store::AlertStatus> ReadStatus(const RequestBody& body) {
  const Result<std::optional<std::string>> text = body.Text("status");
  if (!text) return Error(text.error());
  if (!*text) return Error(InvalidArgument("status: is missing"));
  return store::ParseAlertStatus(**text);
}

http::Response VersionProblem(const Status& status, bool by_header) {
  return BadRequest(status, by_header ? 412 : 409);
}

/// Makes the change under the request's conditions.
template <class Apply>
http::Response Change(const http::Request& request, store::AlertStore& store, ChangeNote note,
                      const Apply& apply) {
  const Result<Uuid> id = ReadAlertId(request.Param("id"));
  if (!id) return ContractError(id.error());
  const bool by_header = request.Header("If-Match").has_value();
  if (by_header) {
    const Result<std::optional<StoredAlert>> found = store.Get(*id);
    if (!found) return StoreProblem(found.error());
    if (!*found) return AlertNotFound();
    const std::uint32_t current = (*found)->state.version;
    if (RefusesVersion(request, current)) {
      return VersionProblem(
          FailedPrecondition("version: is " + std::to_string(current) + ", not that of If-Match"),
          true);
    }
    // Between here and the change it could become another.
    if (!note.expected_version) note.expected_version = current;
  }
  const Result<StoredAlert> changed = apply(*id, note);
  if (changed) return AlertRow(*changed);
  const bool conflict = changed.error().code() == StatusCode::kFailedPrecondition &&
                        changed.error().message().starts_with("version:");
  return conflict ? VersionProblem(changed.error(), by_header) : StoreProblem(changed.error());
}

}  // namespace

http::Response PatchAlert(const http::Request& request, store::AlertStore& store) {
  if (!MayBeJson(request)) return NotJson();
  const Result<RequestBody> body = RequestBody::Parse(request.body, kPatchMembers);
  if (!body) return BadRequest(body.error());
  const Result<store::AlertStatus> wanted = ReadStatus(*body);
  if (!wanted) return BadRequest(wanted.error());
  Result<ChangeNote> note = ReadNote(request, *body);
  if (!note) return BadRequest(note.error());
  if (Status status = Sign(request.caller, *note); !status.ok()) return BadRequest(status);
  return Change(request, store, *std::move(note), [&](const Uuid& id, const ChangeNote& signed_by) {
    return store.SetStatus(id, *wanted, signed_by);
  });
}

http::Response DeleteAlert(const http::Request& request, store::AlertStore& store) {
  if (!request.body.empty() && !MayBeJson(request)) return NotJson();
  const Result<RequestBody> body = RequestBody::Parse(request.body, kDeleteMembers);
  if (!body) return BadRequest(body.error());
  Result<ChangeNote> note = ReadNote(request, *body);
  if (!note) return BadRequest(note.error());
  if (Status status = Sign(request.caller, *note); !status.ok()) return BadRequest(status);
  return Change(request, store, *std::move(note), [&](const Uuid& id, const ChangeNote& signed_by) {
    return store.Delete(id, signed_by);
  });
}

}  // namespace auditflow::api
