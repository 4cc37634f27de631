#include "src/alert/text_fields.hpp"

#include <array>
#include <optional>

#include "src/alert/utf8.hpp"

namespace auditflow::alert {
namespace {

template <class Get>
constexpr TextField Field(std::string_view object, std::string_view name, std::size_t width,
                          Get get, bool required = false) {
  return {object, name, width, required, get, get};
}

constexpr bool kRequired = true;

// Widths: the table `alerts` of the wire contract.
constexpr std::array kFields = {
    Field(
        "", "alert_name", 255, [](auto& a) -> auto& { return a.alert_name; }, kRequired),
    Field(
        "", "alert_type", 50, [](auto& a) -> auto& { return a.alert_type; }, kRequired),
    Field(
        "", "severity", 50, [](auto& a) -> auto& { return a.severity; }, kRequired),
    Field(
        "", "description", 0, [](auto& a) -> auto& { return a.description; }),
    Field(
        "", "source_service_name", 255, [](auto& a) -> auto& { return a.source_service_name; }),
    Field(
        "analysis_rule", "rule_id", 255, [](auto& a) -> auto& { return a.analysis_rule.rule_id; }),
    Field(
        "analysis_rule", "rule_name", 255,
        [](auto& a) -> auto& { return a.analysis_rule.rule_name; }),
    Field(
        "analysis_rule", "rule_description", 0,
        [](auto& a) -> auto& { return a.analysis_rule.rule_description; }),
    Field(
        "triggered_by", "actor_type", 50,
        [](auto& a) -> auto& { return a.triggered_by.actor_type; }),
    Field(
        "triggered_by", "actor_id", 255, [](auto& a) -> auto& { return a.triggered_by.actor_id; }),
    Field(
        "triggered_by", "client_ip", 0, [](auto& a) -> auto& { return a.triggered_by.client_ip; }),
    Field(
        "impacted_resource", "resource_type", 50,
        [](auto& a) -> auto& { return a.impacted_resource.resource_type; }),
    Field(
        "impacted_resource", "resource_id", 255,
        [](auto& a) -> auto& { return a.impacted_resource.resource_id; }),
    Field(
        "impacted_resource", "server_hostname", 255,
        [](auto& a) -> auto& { return a.impacted_resource.server_hostname; }),
    Field(
        "", "action_observed", 255, [](auto& a) -> auto& { return a.action_observed; }),
    Field(
        "metadata", "environment", 0, [](auto& a) -> auto& { return a.metadata.environment; }),
    Field(
        "metadata", "remediation_guidance", 0,
        [](auto& a) -> auto& { return a.metadata.remediation_guidance; }),
    Field(
        "metadata", "playbook_url", 0, [](auto& a) -> auto& { return a.metadata.playbook_url; }),
};

Status CheckText(const std::string& path, std::string_view text, std::size_t width) {
  const std::optional<std::size_t> length = CountCodePoints(text);
  if (!length) return InvalidArgument(path + ": is not UTF-8");
  if (text.find('\0') != std::string_view::npos) {
    return InvalidArgument(path + ": contains a NUL character, which databases cannot hold");
  }
  if (width == 0 || *length <= width) return Status();
  return InvalidArgument(path + ": has " + std::to_string(*length) + " characters, at most " +
                         std::to_string(width) + " can be stored");
}

}  // namespace

std::string TextField::path() const {
  return object.empty() ? std::string(name) : std::string(object) + "." + std::string(name);
}

std::span<const TextField> TextFields() { return kFields; }

Status ValidateTexts(const Alert& alert) {
  for (const TextField& field : kFields) {
    Status status = CheckText(field.path(), field.get(alert), field.width);
    if (!status.ok()) return status;
  }
  for (const std::string& tag : alert.metadata.tags) {
    Status status = CheckText("metadata.tags", tag, 0);
    if (!status.ok()) return status;
  }
  return Status();
}

}  // namespace auditflow::alert
