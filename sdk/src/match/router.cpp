#include "src/match/router.hpp"

#include <string_view>
#include <utility>

namespace auditflow::match {

std::optional<std::string_view> StatedField(std::string_view part) {
  if (part.size() < 3 || part.front() != '%' || part.back() != '%') return std::nullopt;
  return part.substr(1, part.size() - 2);
}

LogsourceKey KeyOf(const sigma::LogSource& logsource) {
  return {logsource.product, logsource.category, logsource.service};
}

bool Applies(const LogsourceKey& rule, const LogsourceKey& event) {
  for (std::size_t part = 0; part < rule.size(); ++part) {
    if (!rule[part].empty() && rule[part] != event[part]) return false;
  }
  return true;
}

void Router::Add(const sigma::LogSource& logsource, std::uint32_t program, FieldIndex& fields) {
  Route route;
  route.program = program;
  route.key = KeyOf(logsource);
  for (std::size_t part = 0; part < route.key.size(); ++part) {
    if (const auto field = StatedField(route.key[part])) {
      route.stated[part] = fields.Add(*field);
      route.key[part].clear();
    }
  }
  if (!route.IsStated()) route.partitions = PartitionsOf(route.key);
  routes_.push_back(std::move(route));
}

std::vector<std::uint32_t> Router::PartitionsOf(const LogsourceKey& event) const {
  std::vector<std::uint32_t> found;
  for (std::uint32_t partition = 0; partition < partitions_.size(); ++partition) {
    if (Applies(partitions_[partition], event)) found.push_back(partition);
  }
  return found;
}

}  // namespace auditflow::match
