#include "auditflow/api/open_api.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "embedded/common_openapi.hpp"

namespace auditflow::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kMethods = std::to_array<std::string_view>(
    {"get", "put", "post", "delete", "options", "head", "patch", "trace"});

bool IsMethod(std::string_view key) { return std::ranges::find(kMethods, key) != kMethods.end(); }

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}

/// Takes over the members that `to` lacks.
void AddMissing(Json& to, const Json& from) {
  for (const auto& [name, value] : from.items()) {
    if (!to.contains(name)) to[name] = value;
  }
}

/// The scope that an operation asks for; empty if it is open.
std::string ScopeOf(const Json& operation) {
  const auto security = operation.find("security");
  if (security == operation.end() || !security->is_array()) return {};
  for (const Json& requirement : *security) {
    const auto token = requirement.find("bearerToken");
    if (token != requirement.end() && token->is_array() && !token->empty()) {
      return token->front().is_string() ? token->front().get<std::string>() : std::string();
    }
  }
  return {};
}

void AddCommonAnswers(Json& operation) {
  std::vector<const char*> statuses = {"400", "414", "431", "503"};
  if (operation.contains("requestBody")) statuses.push_back("413");
  if (!ScopeOf(operation).empty()) statuses.insert(statuses.end(), {"401", "403"});
  Json& responses = operation["responses"];
  if (!responses.is_object()) responses = Json::object();
  for (const char* status : statuses) {
    if (!responses.contains(status)) {
      responses[status] = {{"$ref", "#/components/responses/Problem"}};
    }
  }
}

void AddComponents(Json& document, const Json& common) {
  Json& components = document["components"];
  if (!components.is_object()) components = Json::object();
  for (const auto& [kind, members] : common["components"].items()) {
    if (!components.contains(kind)) components[kind] = Json::object();
    AddMissing(components[kind], members);
  }
}

void AddTags(Json& document, const Json& common) {
  Json& tags = document["tags"];
  if (!tags.is_array()) tags = Json::array();
  for (const Json& tag : common["tags"]) tags.push_back(tag);
}

using Operations = std::map<std::pair<std::string, std::string>, std::string>;  // → scope

Operations OperationsOf(const Json& document) {
  Operations operations;
  for (const auto& [path, item] : document["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      if (IsMethod(method)) operations[{path, Upper(method)}] = ScopeOf(operation);
    }
  }
  return operations;
}

std::string Named(const std::pair<std::string, std::string>& key) {
  return key.second + " " + key.first;
}

std::string ScopeText(const std::string& scope) {
  return scope.empty() ? "no scope" : "the scope " + scope;
}

Result<Json> Complete(std::string_view text, std::string_view version) {
  Json document = Json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("paths") || !document["paths"].is_object()) {
    return Error(InvalidArgument("the OpenAPI document is no JSON object with paths"));
  }
  const Json common = Json::parse(kCommonOpenApi);
  Json& info = document["info"];
  if (!info.is_object()) info = Json::object();
  info["version"] = version;
  AddMissing(document["paths"], common["paths"]);
  AddComponents(document, common);
  AddTags(document, common);
  for (Json& item : document["paths"]) {
    if (!item.is_object()) continue;
    for (const std::string_view method : kMethods) {
      const auto operation = item.find(std::string(method));
      if (operation != item.end() && operation->is_object()) AddCommonAnswers(*operation);
    }
  }
  return document;
}

}  // namespace

Result<std::string> CompleteOpenApi(std::string_view document, std::string_view version) {
  Result<Json> completed = Complete(document, version);
  if (!completed) return Error(completed.error());
  return completed->dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<std::string> CompareOpenApi(const http::Router& router, std::string_view document) {
  const Result<Json> completed = Complete(document, "");
  if (!completed) return {completed.error().message()};
  std::vector<std::string> differences;
  Operations documented = OperationsOf(*completed);
  for (const http::Router::RouteInfo& route : router.Routes()) {
    const std::pair key(route.pattern, route.method);
    const auto found = documented.find(key);
    if (found == documented.end()) {
      differences.push_back(Named(key) + " is not in the document");
      continue;
    }
    if (found->second != route.scope) {
      differences.push_back(Named(key) + " needs " + ScopeText(route.scope) +
                            ", the document says " + ScopeText(found->second));
    }
    documented.erase(found);
  }
  for (const auto& [key, scope] : documented) differences.push_back(Named(key) + " has no route");
  return differences;
}

}  // namespace auditflow::api
