#include "cli/routing_options.hpp"

#include <utility>

#include <CLI/CLI.hpp>

#include "cli/rules_location.hpp"

namespace auditflow::cli {

namespace fs = std::filesystem;

void AddRoutingOptions(CLI::App& command, RoutingOptions& options) {
  auto* maps = command
                   .add_option("--logsource-map", options.maps,
                               "File, or folder of *.logsource.yml, that says which\nevents have "
                               "which logsource, beside the shipped ones;\nmay be repeated")
                   ->type_name("PATH")
                   ->allow_extra_args(false);
  command
      .add_flag("!--no-routing", options.routing,
                "Ask every rule of every event, whatever its logsource")
      ->excludes(maps);
}

std::vector<fs::path> LogsourceMaps(const RoutingOptions& options) {
  std::vector<fs::path> paths;
  if (!options.routing) return paths;
  if (fs::path shipped = ShippedLogsourceMaps(); !shipped.empty()) {
    paths.push_back(std::move(shipped));
  }
  paths.insert(paths.end(), options.maps.begin(), options.maps.end());
  return paths;
}

}  // namespace auditflow::cli
