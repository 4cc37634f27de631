#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "auditflow/service/application.hpp"

namespace auditflow::services {

using Variables = std::map<std::string, std::string, std::less<>>;

/// A service that is put together and not started: nothing is connected.
template <class Application>
class AssembledServiceTest : public testing::Test {
 protected:
  AssembledServiceTest(std::string_view name, std::string_view open_api) : host_(OptionsOf(name)) {
    info_.name = name;
    info_.version = "0";
    info_.open_api = open_api;
    application_.AddSettings(table_);
  }

  /// Reads settings from these variables alone. @return the first problem; empty if there is none.
  std::string Read(const Variables& variables = {}) {
    const auto problems = table_.Read([&](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
    return problems.empty() ? std::string() : problems[0].ToString();
  }
  Status Assemble() { return service::Assemble(host_, info_, application_); }
  http::Response Send(std::string_view method, std::string_view target, std::string body = {}) {
    http::Request request = http::Request::Make(method, target, std::move(body)).value();
    return host_.router().Dispatch(request).response;
  }
  http::Response Get(std::string_view target) { return Send("GET", target); }

  service::ProgramInfo info_;
  service::Host host_;
  Application application_;
  config::SettingTable table_;

 private:
  static service::HostOptions OptionsOf(std::string_view name) {
    service::HostOptions options;
    options.service_name = name;
    return options;
  }
};

}  // namespace auditflow::services
