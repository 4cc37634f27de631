#include "src/alert/text_fields.hpp"

#include <array>
#include <optional>

#include "src/alert/utf8.hpp"

namespace auditflow::alert {
namespace {

/// The member that a path of member pointers leads to.
template <auto First, auto... Rest>
constexpr auto& At(auto& object) {
  if constexpr (sizeof...(Rest) == 0) {
    return object.*First;
  } else {
    return At<Rest...>(object.*First);
  }
}

template <auto... Path>
const std::string& Get(const Alert& alert) {
  return At<Path...>(alert);
}
template <auto... Path>
std::string& GetMutable(Alert& alert) {
  return At<Path...>(alert);
}

template <auto... Path>
constexpr TextField Field(std::string_view object, std::string_view name, std::size_t width,
                          bool required = false) {
  return {object, name, width, required, &Get<Path...>, &GetMutable<Path...>};
}

constexpr bool kRequired = true;

// Widths: the table `alerts` of the wire contract.
constexpr std::array kFields = {
    Field<&Alert::alert_name>("", "alert_name", 255, kRequired),
    Field<&Alert::alert_type>("", "alert_type", 50, kRequired),
    Field<&Alert::severity>("", "severity", 50, kRequired),
    Field<&Alert::description>("", "description", 0),
    Field<&Alert::source_service_name>("", "source_service_name", 255),
    Field<&Alert::analysis_rule, &AnalysisRule::rule_id>("analysis_rule", "rule_id", 255),
    Field<&Alert::analysis_rule, &AnalysisRule::rule_name>("analysis_rule", "rule_name", 255),
    Field<&Alert::analysis_rule, &AnalysisRule::rule_description>("analysis_rule",
                                                                  "rule_description", 0),
    Field<&Alert::triggered_by, &TriggeredBy::actor_type>("triggered_by", "actor_type", 50),
    Field<&Alert::triggered_by, &TriggeredBy::actor_id>("triggered_by", "actor_id", 255),
    Field<&Alert::triggered_by, &TriggeredBy::client_ip>("triggered_by", "client_ip", 0),
    Field<&Alert::impacted_resource, &ImpactedResource::resource_type>("impacted_resource",
                                                                       "resource_type", 50),
    Field<&Alert::impacted_resource, &ImpactedResource::resource_id>("impacted_resource",
                                                                     "resource_id", 255),
    Field<&Alert::impacted_resource, &ImpactedResource::server_hostname>("impacted_resource",
                                                                         "server_hostname", 255),
    Field<&Alert::action_observed>("", "action_observed", 255),
    Field<&Alert::metadata, &AlertMetadata::environment>("metadata", "environment", 0),
    Field<&Alert::metadata, &AlertMetadata::remediation_guidance>("metadata",
                                                                  "remediation_guidance", 0),
    Field<&Alert::metadata, &AlertMetadata::playbook_url>("metadata", "playbook_url", 0),
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
