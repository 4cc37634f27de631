#include "cli/option_values.hpp"

namespace auditflow::cli {

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

}  // namespace auditflow::cli
