#include "cli/option_values.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <string_view>

namespace auditflow::cli {
namespace {

template <class Number>
std::optional<Number> ParseNumber(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

std::string Text(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

bool MayBeInHost(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view(".-_:%").find(c) != std::string_view::npos;
}

}  // namespace

std::string Quoted(std::string text) {
  constexpr std::size_t kMost = 64;
  const bool whole = text.size() <= kMost;
  if (!whole) text.resize(kMost);
  const auto unprintable = [](char c) { return c < ' ' || c > '~'; };
  std::replace_if(text.begin(), text.end(), unprintable, '?');
  return "'" + text + (whole ? "'" : "…'");
}

CLI::Option* AddOffSwitch(CLI::App& command, const std::string& name, bool& value,
                          const std::string& help) {
  return command.add_flag_callback(
      name, [&value] { value = false; }, help);
}

CLI::Option* AddLevelOption(CLI::App& command, sigma::Level& level) {
  static const std::map<std::string, sigma::Level> kLevels = {
      {"informational", sigma::Level::kInformational},
      {"low", sigma::Level::kLow},
      {"medium", sigma::Level::kMedium},
      {"high", sigma::Level::kHigh},
      {"critical", sigma::Level::kCritical}};
  return AddChoice(command, "-l,--level", level, kLevels,
                   "Only rules of this level and above: informational, low,\nmedium, high or "
                   "critical; a rule without one is medium");
}

CLI::Option* AddDurationOption(CLI::App& command, const std::string& name, Duration& value,
                               const std::string& help) {
  return command
      .add_option_function<std::string>(
          name,
          [name, &value](const std::string& text) {
            const Result<Duration> parsed = ParseDuration(text);
            if (!parsed) throw CLI::ValidationError(name, parsed.error().message());
            value = *parsed;
          },
          help)
      ->type_name("DURATION");
}

CLI::Option* AddCountOption(CLI::App& command, const std::string& name,
                            std::optional<std::uint64_t>& value, const std::string& help) {
  return command
      .add_option_function<std::string>(
          name,
          [name, &value](const std::string& text) {
            value = ParseNumber<std::uint64_t>(text);
            if (!value) throw CLI::ValidationError(name, Quoted(text) + " is no whole number");
          },
          help)
      ->type_name("NUMBER");
}

CLI::Option* AddPortOption(CLI::App& command, const std::string& name,
                           const std::string& environment, std::uint16_t& value,
                           const std::string& help) {
  return command
      .add_option_function<std::string>(
          name,
          [name, environment, &value](const std::string& text) {
            const auto port = ParseNumber<std::uint16_t>(text);
            if (!port) {
              throw CLI::ValidationError(name + " (" + environment + ")",
                                         Quoted(text) + " is no port number from 0 to 65535");
            }
            value = *port;
          },
          help)
      ->envname(environment)
      ->type_name("PORT")
      ->default_str(std::to_string(value));
}

CLI::Option* AddHostOption(CLI::App& command, const std::string& name,
                           const std::string& environment, std::string& value,
                           const std::string& help) {
  return command
      .add_option_function<std::string>(
          name,
          [name, environment, &value](const std::string& text) {
            constexpr std::size_t kLongest = 253;
            const bool good = !text.empty() && text.size() <= kLongest &&
                              std::all_of(text.begin(), text.end(), MayBeInHost);
            if (!good) {
              throw CLI::ValidationError(name + " (" + environment + ")",
                                         Quoted(text) + " is no address and no host name");
            }
            value = text;
          },
          help)
      ->envname(environment)
      ->type_name("HOST")
      ->default_str(value);
}

CLI::Option* AddNumberOption(CLI::App& command, const std::string& name, double& value,
                             double least, double most, const std::string& help) {
  return command
      .add_option_function<std::string>(
          name,
          [name, &value, least, most](const std::string& text) {
            const std::optional<double> number = ParseNumber<double>(text);
            // Also false for what is not a number.
            const bool fits = number && *number >= least && *number <= most;
            if (!fits) {
              throw CLI::ValidationError(
                  name, Quoted(text) + " is no number from " + Text(least) + " to " + Text(most));
            }
            value = *number;
          },
          help)
      ->type_name("NUMBER");
}

CLI::Option* AddMixOption(CLI::App& command, std::optional<generate::TrafficMix>& mix) {
  return command
      .add_option_function<std::string>(
          "--mix",
          [&mix](const std::string& name) {
            const Result<generate::TrafficMix> found = generate::FindTrafficMix(name);
            if (!found) {
              throw CLI::ValidationError(
                  "--mix", Quoted(name) + " is none of " + generate::TrafficMixNames("|"));
            }
            mix = *found;
          },
          "Kind of traffic: " + generate::TrafficMixNames(", ") + "\n(default: standard)")
      ->type_name("NAME");
}

CLI::Option* AddPlaceholderOption(CLI::App& command, std::vector<std::string>& placeholders) {
  const CLI::Validator has_name(
      [](const std::string& text) {
        const bool good = text.find('=') != std::string::npos && text.front() != '=';
        return good ? std::string() : "'" + text + "' is not NAME=VALUE";
      },
      "");
  return command
      .add_option("--placeholder", placeholders, "A value for %NAME% in rules; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->check(has_name);
}

}  // namespace auditflow::cli
