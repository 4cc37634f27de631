#include "cli/routing_options.hpp"

#include <utility>

#include <CLI/CLI.hpp>

#include "cli/option_values.hpp"
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
  AddOffSwitch(command, "--no-routing", options.routing,
               "Ask every rule of every event, whatever its logsource")
      ->excludes(maps);
  AddOffSwitch(command, "--no-field-mapping", options.field_mapping,
               "Look fields up under the names in the rules only, not\nunder those that "
               "logsource maps give");
}

void ApplyRouting(const RoutingOptions& options, pipeline::RulePackageOptions& package) {
  package.compile.map_fields = options.field_mapping;
  if (fs::path shipped = ShippedLogsourceMaps(); !shipped.empty()) {
    package.taxonomies.push_back(std::move(shipped));
  }
  package.taxonomies.insert(package.taxonomies.end(), options.maps.begin(), options.maps.end());
  if (options.routing) package.logsource_maps = package.taxonomies;
}

}  // namespace auditflow::cli
