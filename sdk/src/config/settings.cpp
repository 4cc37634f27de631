#include "auditflow/config/settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "src/config/table.hpp"
#include "src/config/values.hpp"

namespace auditflow::config {
namespace {

std::string Joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

/// Binds a parser to the variable that takes what it gives.
template <class T, class Parse>
std::function<Status(std::string_view)> Into(T& target, Parse parse) {
  return [&target, parse = std::move(parse)](std::string_view text) -> Status {
    auto value = parse(text);
    if (!value) return value.error();
    target = *std::move(value);
    return {};
  };
}

std::string Form(std::string_view kind, const std::string& range) {
  return range.empty() ? std::string(kind) : std::string(kind) + ", " + range;
}

}  // namespace

Environment ProcessEnvironment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

std::string SettingProblem::ToString() const {
  std::string text = setting;
  if (!origin.empty()) text += (text.empty() ? "" : " (") + origin + (text.empty() ? "" : ")");
  return text + ": " + message;
}

SettingTable::SettingTable() : impl_(std::make_unique<Impl>()) {}
SettingTable::~SettingTable() = default;
SettingTable::SettingTable(SettingTable&&) noexcept = default;
SettingTable& SettingTable::operator=(SettingTable&&) noexcept = default;

const SettingTable::Setting* SettingTable::Impl::Find(std::string_view name) const {
  for (const Group& group : groups) {
    const auto found = std::ranges::find(group.settings, name, &Setting::name);
    if (found != group.settings.end()) return &*found;
  }
  return nullptr;
}

SettingTable& SettingTable::Section(std::string title) {
  auto& groups = impl_->groups;
  const auto found = std::ranges::find(groups, title, &Impl::Group::title);
  impl_->current = static_cast<std::size_t>(found - groups.begin());
  if (found == groups.end()) groups.push_back({std::move(title), {}});
  return *this;
}

SettingTable& SettingTable::Add(Setting setting) {
  if (impl_->groups.empty()) Section("Settings");
  if (impl_->Find(setting.name) != nullptr) {
    impl_->mistakes.push_back({setting.name, "program", "is in the table twice"});
    return *this;
  }
  setting.default_text = setting.show();
  if (!setting.secret && !setting.default_text.empty()) {
    if (const Status status = setting.set(setting.default_text); !status.ok()) {
      impl_->mistakes.push_back({setting.name, "default", status.message()});
    }
  }
  impl_->groups[impl_->current].settings.push_back(std::move(setting));
  return *this;
}

SettingTable& SettingTable::Text(std::string name, std::string& target, std::string help) {
  const auto set = [&target](std::string_view text) -> Status {
    if (Status status = CheckPrintable(text); !status.ok()) return status;
    target = text;
    return {};
  };
  return Add({std::move(name), "text", std::move(help), set, [&target] { return target; }});
}

SettingTable& SettingTable::Path(std::string name, std::filesystem::path& target,
                                 std::string help) {
  const auto set = [&target](std::string_view text) -> Status {
    if (Status status = CheckPrintable(text); !status.ok()) return status;
    target = text;
    return {};
  };
  return Add(
      {std::move(name), "path", std::move(help), set, [&target] { return target.string(); }});
}

SettingTable& SettingTable::List(std::string name, std::vector<std::string>& target,
                                 std::string help) {
  const auto set = [&target](std::string_view text) -> Status {
    if (Status status = CheckPrintable(text); !status.ok()) return status;
    target = ParseList(text);
    return {};
  };
  return Add({std::move(name), "list, comma separated", std::move(help), set,
              [&target] { return Joined(target, ","); }});
}

SettingTable& SettingTable::Port(std::string name, std::uint16_t& target, std::string help) {
  return Add({std::move(name), "port", std::move(help), Into(target, ParsePort),
              [&target] { return std::to_string(target); }});
}

SettingTable& SettingTable::AddNumber(std::string name, std::string help, std::uint64_t min,
                                      std::uint64_t max,
                                      std::function<void(std::optional<std::uint64_t>)> set,
                                      std::function<std::optional<std::uint64_t>()> get) {
  auto parse_and_set = [set = std::move(set), min, max](std::string_view text) -> Status {
    const Result<std::uint64_t> number = ParseNumber(text, min, max);
    if (!number) return number.error();
    set(*number);
    return {};
  };
  auto show = [get = std::move(get)] {
    const std::optional<std::uint64_t> number = get();
    return number ? std::to_string(*number) : std::string();
  };
  return Add({std::move(name), Form("number", FormatRange(min, max)), std::move(help),
              std::move(parse_and_set), std::move(show)});
}

SettingTable& SettingTable::Number(std::string name, std::optional<std::uint64_t>& target,
                                   std::string help, std::uint64_t min, std::uint64_t max) {
  return AddNumber(
      std::move(name), std::move(help), min, max,
      [&target](std::optional<std::uint64_t> value) { target = value; },
      [&target] { return target; });
}

SettingTable& SettingTable::Real(std::string name, double& target, std::string help, double min,
                                 double max) {
  auto set = Into(target, [min, max](std::string_view text) { return ParseReal(text, min, max); });
  return Add({std::move(name), "decimal number, " + FormatReal(min) + " to " + FormatReal(max),
              std::move(help), std::move(set), [&target] { return FormatReal(target); }});
}

SettingTable& SettingTable::Flag(std::string name, bool& target, std::string help) {
  return Add({std::move(name), "true or false", std::move(help), Into(target, ParseFlag),
              [&target] { return std::string(target ? "true" : "false"); }});
}

SettingTable& SettingTable::Time(std::string name, Duration& target, std::string help, Duration min,
                                 Duration max) {
  auto set = Into(target, [min, max](std::string_view text) { return ParseTime(text, min, max); });
  const bool any = min == Duration::zero();
  return Add({std::move(name), any ? "time" : "time, at least " + FormatDuration(min),
              std::move(help), std::move(set), [&target] { return FormatDuration(target); }});
}

SettingTable& SettingTable::Hidden(std::string name, Secret& target, std::string help) {
  const auto set = [&target](std::string_view text) -> Status {
    if (Status status = CheckPrintable(text); !status.ok()) return status;
    target = Secret(std::string(text));
    return {};
  };
  Setting setting{std::move(name), "secret", std::move(help), set,
                  [&target] { return target.Masked(); }};
  setting.secret = true;
  return Add(std::move(setting));
}

SettingTable& SettingTable::AddChoice(std::string name, const std::vector<std::string>& words,
                                      std::string help, std::function<void(std::size_t)> set,
                                      std::function<std::size_t()> get) {
  auto pick = [words, set = std::move(set)](std::string_view text) -> Status {
    const auto found =
        std::ranges::find(words, Lower(text), [](const auto& w) { return Lower(w); });
    if (found == words.end()) {
      return InvalidArgument(Quoted(text) + " is none of " + Joined(words, ", "));
    }
    set(static_cast<std::size_t>(found - words.begin()));
    return {};
  };
  auto show = [words, get = std::move(get)] {
    const std::size_t index = get();
    return index < words.size() ? words[index] : std::string();
  };
  return Add(
      {std::move(name), Joined(words, ", "), std::move(help), std::move(pick), std::move(show)});
}

SettingTable& SettingTable::Choice(std::string name, std::string& target,
                                   const std::vector<std::string>& words, std::string help) {
  const auto set = [&target, words](std::size_t index) { target = words[index]; };
  const auto get = [&target, words] {
    return static_cast<std::size_t>(std::ranges::find(words, target) - words.begin());
  };
  return AddChoice(std::move(name), words, std::move(help), set, get);
}

SettingTable& SettingTable::Custom(std::string name, std::string form,
                                   std::function<Status(std::string_view)> set,
                                   std::function<std::string()> show, std::string help) {
  return Add({std::move(name), std::move(form), std::move(help), std::move(set), std::move(show)});
}

SettingTable& SettingTable::Check(std::string name, std::function<Status()> check) {
  impl_->conditions.push_back({std::move(name), std::move(check)});
  return *this;
}

const std::vector<SettingProblem>& SettingTable::Unknown() const { return impl_->unknown; }

}  // namespace auditflow::config
