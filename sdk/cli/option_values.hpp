#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "auditflow/core/timestamp.hpp"
#include "auditflow/generate/traffic_mix.hpp"
#include "auditflow/sigma/document.hpp"

namespace auditflow::cli {

/// An option that takes one of a few words.
template <class T>
CLI::Option* AddChoice(CLI::App& command, const std::string& name, T& value,
                       const std::map<std::string, T>& choices, const std::string& help) {
  std::string words;
  for (const auto& [word, meaning] : choices) words += (words.empty() ? "" : "|") + word;
  return command
      .add_option_function<std::string>(
          name,
          [name, &value, &choices, words](const std::string& word) {
            const auto found = choices.find(word);
            if (found == choices.end()) {
              throw CLI::ValidationError(name, "'" + word + "' is none of " + words);
            }
            value = found->second;
          },
          help)
      ->type_name("");
}

/// A flag that makes `value` false.
CLI::Option* AddOffSwitch(CLI::App& command, const std::string& name, bool& value,
                          const std::string& help);

/// `-l,--level`: the lowest level that is wanted.
CLI::Option* AddLevelOption(CLI::App& command, sigma::Level& level);

/// "30s", "5m", …; see `ParseDuration`.
CLI::Option* AddDurationOption(CLI::App& command, const std::string& name, Duration& value,
                               const std::string& help);

/// A whole number from 0 on.
CLI::Option* AddCountOption(CLI::App& command, const std::string& name,
                            std::optional<std::uint64_t>& value, const std::string& help);

/// What was given, in quotes, short and printable enough for a message.
std::string Quoted(std::string text);

/// An address or a host name; `environment` names the variable that holds it, too.
CLI::Option* AddHostOption(CLI::App& command, const std::string& name,
                           const std::string& environment, std::string& value,
                           const std::string& help);

/// A number of a TCP port; `environment` as for a host.
CLI::Option* AddPortOption(CLI::App& command, const std::string& name,
                           const std::string& environment, std::uint16_t& value,
                           const std::string& help);

/// A finite decimal number from `least` to `most`.
CLI::Option* AddNumberOption(CLI::App& command, const std::string& name, double& value,
                             double least, double most, const std::string& help);

/// `--mix NAME`: the kind of traffic that is generated.
CLI::Option* AddMixOption(CLI::App& command, std::optional<generate::TrafficMix>& mix);

/// `--placeholder NAME=VALUE`, any number of them.
CLI::Option* AddPlaceholderOption(CLI::App& command, std::vector<std::string>& placeholders);

}  // namespace auditflow::cli
