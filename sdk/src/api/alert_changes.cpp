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

Status ReadText(const RequestBody& body, std::string_view name, std::string& out) {
  Result<std::optional<std::string>> text = body.Text(name);
  if (!text) return text.error();
  if (*text) out = **std::move(text);
  return {};
}

/// Who is certain to ask, else who the request says it is.
Status Sign(const http::Request& request, const AlertWriteOptions& options, ChangeNote& note) {
  std::string caller = options.caller ? options.caller(request) : std::string();
  if (!caller.empty()) note.by = std::move(caller);
  return note.by.empty() ? InvalidArgument("by: is needed: who changes the alert") : Validate(note);
}

Result<ChangeNote> ReadNote(const RequestBody& body) {
  ChangeNote note;
  Status status = ReadText(body, "by", note.by);
  if (status.ok()) status = ReadText(body, "reason", note.reason);
  if (!status.ok()) return Error(status);
  const Result<std::optional<std::uint32_t>> version = body.Number("version");
  if (!version) return Error(version.error());
  note.expected_version = *version;
  return note;
}

Result<ChangeNote> ReadNote(const http::Request& request) {
  ChangeNote note;
  note.by = request.Query("by").value_or("");
  note.reason = request.Query("reason").value_or("");
  const std::string_view text = request.Query("version").value_or("");
  if (text.empty()) return note;
  std::uint32_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error(InvalidArgument("version: must be an integer from 0 to 4294967295"));
  }
  note.expected_version = version;
  return note;
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

http::Response PatchAlert(const http::Request& request, store::AlertStore& store,
                          const AlertWriteOptions& options) {
  if (!MayBeJson(request)) return NotJson();
  const Result<RequestBody> body = RequestBody::Parse(request.body, kPatchMembers);
  if (!body) return BadRequest(body.error());
  const Result<store::AlertStatus> wanted = ReadStatus(*body);
  if (!wanted) return BadRequest(wanted.error());
  Result<ChangeNote> note = ReadNote(*body);
  if (!note) return BadRequest(note.error());
  if (Status status = Sign(request, options, *note); !status.ok()) return BadRequest(status);
  return Change(request, store, *std::move(note), [&](const Uuid& id, const ChangeNote& signed_by) {
    return store.SetStatus(id, *wanted, signed_by);
  });
}

http::Response DeleteAlert(const http::Request& request, store::AlertStore& store,
                           const AlertWriteOptions& options) {
  if (!request.body.empty() && !MayBeJson(request)) return NotJson();
  const Result<RequestBody> body = RequestBody::Parse(request.body, kDeleteMembers);
  if (!body) return BadRequest(body.error());
  Result<ChangeNote> note = request.body.empty() ? ReadNote(request) : ReadNote(*body);
  if (!note) return BadRequest(note.error());
  if (Status status = Sign(request, options, *note); !status.ok()) return BadRequest(status);
  return Change(request, store, *std::move(note), [&](const Uuid& id, const ChangeNote& signed_by) {
    return store.Delete(id, signed_by);
  });
}

}  // namespace auditflow::api
