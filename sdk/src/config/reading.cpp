#include <algorithm>
#include <utility>

#include "auditflow/config/settings.hpp"

#include "src/config/env_file.hpp"
#include "src/config/table.hpp"
#include "src/config/values.hpp"

namespace auditflow::config {
namespace {

constexpr std::string_view kFromEnvironment = "environment";
constexpr std::string_view kFileSuffix = "_FILE";
constexpr std::size_t kMaxFileBytes = std::size_t{1024} * 1024;
constexpr std::size_t kMaxSecretBytes = std::size_t{64} * 1024;

struct Given {
  std::string text;
  std::string origin;
};

/// Environment over file.
class Sources {
 public:
  Sources(const Environment& environment, std::vector<SettingProblem>& problems)
      : environment_(environment) {
    path_ = environment(kFileVariable).value_or("");
    if (!path_.empty()) ReadFile(problems);
  }

  [[nodiscard]] std::optional<Given> Find(std::string_view name) const {
    const std::optional<std::string> value = environment_(name);
    if (value && !value->empty()) return Given{*value, std::string(kFromEnvironment)};
    const auto line = std::ranges::find(file_.lines, name, &EnvLine::name);
    if (line == file_.lines.end() || line->value.empty()) return std::nullopt;
    return Given{line->value, Place(line->line)};
  }

  [[nodiscard]] const EnvFile& file() const { return file_; }
  [[nodiscard]] std::string Place(std::size_t line) const {
    return path_ + ":" + std::to_string(line);
  }

 private:
  void ReadFile(std::vector<SettingProblem>& problems) {
    const Result<std::string> text = ReadSmallFile(path_, kMaxFileBytes);
    if (!text) {
      problems.push_back({std::string(kFileVariable), std::string(kFromEnvironment),
                          Quoted(path_) + ": " + text.error().message()});
      return;
    }
    file_ = ParseEnvFile(*text);
    for (const EnvFault& fault : file_.faults) {
      problems.push_back({"", Place(fault.line), fault.message});
    }
  }

  const Environment& environment_;
  std::string path_;
  EnvFile file_;
};

void DropLineBreak(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

/// The secret itself, or what the file holds that NAME_FILE names.
Result<std::optional<Given>> FindSecret(const Sources& sources, const std::string& name) {
  std::optional<Given> direct = sources.Find(name);
  const std::string file_variable = name + std::string(kFileSuffix);
  const std::optional<Given> path = sources.Find(file_variable);
  if (!path) return direct;
  if (direct) {
    return Error(InvalidArgument("is set as well as " + file_variable + "; use one of them"));
  }
  Result<std::string> text = ReadSmallFile(path->text, kMaxSecretBytes);
  if (!text) {
    return Error(text.error().WithContext(file_variable + ": " + Quoted(path->text)));
  }
  DropLineBreak(*text);
  return Given{std::move(*text), path->text};
}

Result<std::optional<Given>> Find(const Sources& sources, const std::string& name, bool secret) {
  if (secret) return FindSecret(sources, name);
  return sources.Find(name);
}

}  // namespace

bool SettingTable::Impl::Knows(std::string_view name) const {
  if (name == kFileVariable || Find(name) != nullptr) return true;
  if (!name.ends_with(kFileSuffix)) return false;
  const Setting* setting = Find(name.substr(0, name.size() - kFileSuffix.size()));
  return setting != nullptr && setting->secret;
}

std::vector<SettingProblem> SettingTable::Read(const Environment& environment) {
  std::vector<SettingProblem> problems = impl_->mistakes;
  const Sources sources(environment, problems);
  for (Impl::Group& group : impl_->groups) {
    for (Setting& setting : group.settings) {
      const auto given = Find(sources, setting.name, setting.secret);
      if (!given) {
        problems.push_back({setting.name, "", given.error().message()});
      } else if (given->has_value()) {
        const Status status = setting.set((*given)->text);
        if (status.ok()) setting.origin = (*given)->origin;
        if (!status.ok()) problems.push_back({setting.name, (*given)->origin, status.message()});
      }
    }
  }
  impl_->unknown.clear();
  for (const EnvLine& line : sources.file().lines) {
    if (impl_->Knows(line.name)) continue;
    impl_->unknown.push_back(
        {line.name, sources.Place(line.line), "is no setting of this program"});
  }
  if (!problems.empty()) return problems;
  for (const Impl::Condition& condition : impl_->conditions) {
    const Status status = condition.check();
    if (!status.ok()) problems.push_back({condition.name, "", status.message()});
  }
  return problems;
}

}  // namespace auditflow::config
