#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/core/secret.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow::config {

/// Asks for a variable. An empty value means the same as none.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The variables of this process.
[[nodiscard]] Environment ProcessEnvironment();

/// Names the file with further settings, see `SettingTable::Read`.
inline constexpr std::string_view kFileVariable = "AUDITFLOW_CONFIG_FILE";

/// What is wrong with one setting. Never holds the value of a secret.
struct SettingProblem {
  std::string setting;  ///< the variable's name
  std::string origin;   ///< "environment", "/etc/auditflow.env:3"
  std::string message;  ///< "'56x2' is not a port (0 to 65535)"

  /// "RABBITMQ_PORT (environment): '56x2' is not a port (0 to 65535)"
  [[nodiscard]] std::string ToString() const;
};

/// All settings of a program, in one place: environment over file over default.
///
/// Each setting is bound to a variable of the program, whose value when it is added is the default.
/// The table reads them all, reports everything that is wrong at once, and prints its own
/// documentation, so that the three cannot disagree.
///
///     SettingTable table;
///     table.Section("Broker")
///         .Text("RABBITMQ_HOST", options.host, "Host name or address of the broker")
///         .Port("RABBITMQ_PORT", options.port, "Its port")
///         .Hidden("RABBITMQ_PASS", options.password, "Password");
///     for (const SettingProblem& problem : table.Read(ProcessEnvironment())) …
///
/// Adding a name twice, or a default that breaks the setting's own limits, is a mistake in the
/// program: `Read` reports it as a problem.
///
/// Thread safety: thread-compatible. The bound variables must outlive the table.
class SettingTable {
 public:
  SettingTable();
  ~SettingTable();
  SettingTable(SettingTable&&) noexcept;
  SettingTable& operator=(SettingTable&&) noexcept;

  /// Begins a section of the documentation. A title used before is gone on with.
  SettingTable& Section(std::string title);

  /// Any text of printable characters.
  SettingTable& Text(std::string name, std::string& target, std::string help);
  SettingTable& Path(std::string name, std::filesystem::path& target, std::string help);
  /// Comma separated; spaces around items and empty items are dropped.
  SettingTable& List(std::string name, std::vector<std::string>& target, std::string help);
  /// 0 to 65535, or in the form that Kubernetes injects for a Service: "tcp://10.0.0.1:5672".
  SettingTable& Port(std::string name, std::uint16_t& target, std::string help);
  // NOLINTBEGIN(performance-unnecessary-value-param): the check does not see moves in templates.
  /// Whole numbers within the limits.
  template <std::unsigned_integral T>
  SettingTable& Number(std::string name, T& target, std::string help, std::uint64_t min = 0,
                       std::uint64_t max = std::numeric_limits<T>::max()) {
    return AddNumber(
        std::move(name), std::move(help), min, max,
        [&target](std::optional<std::uint64_t> v) { target = static_cast<T>(v.value_or(0)); },
        [&target]() -> std::optional<std::uint64_t> { return target; });
  }
  // NOLINTEND(performance-unnecessary-value-param)
  /// No value by default.
  SettingTable& Number(std::string name, std::optional<std::uint64_t>& target, std::string help,
                       std::uint64_t min = 0,
                       std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
  /// A finite decimal number within the limits, written with a point whatever the locale.
  SettingTable& Real(std::string name, double& target, std::string help, double min, double max);
  /// true, false, yes, no, on, off, 1, 0; in either case.
  SettingTable& Flag(std::string name, bool& target, std::string help);
  /// "500ms", "30s", "5m"; a plain number, which may have a fraction, is seconds.
  SettingTable& Time(std::string name, Duration& target, std::string help,
                     Duration min = Duration::zero(), Duration max = std::chrono::hours(24 * 3650));
  /// Also from the file that the variable NAME_FILE names, without its last line break. Both at
  /// once are a problem.
  SettingTable& Hidden(std::string name, Secret& target, std::string help);
  /// One of a few words, in either case.
  SettingTable& Choice(std::string name, std::string& target, const std::vector<std::string>& words,
                       std::string help);
  // NOLINTBEGIN(performance-unnecessary-value-param)
  template <class T>
  SettingTable& Choice(std::string name, T& target,
                       std::initializer_list<std::pair<std::string_view, T>> choices,
                       std::string help) {
    std::vector<std::string> words;
    std::vector<T> values;
    for (const auto& [word, value] : choices) {
      words.emplace_back(word);
      values.push_back(value);
    }
    const auto index = [&target, values]() -> std::size_t {
      std::size_t i = 0;
      while (i < values.size() && !(values[i] == target)) ++i;
      return i;
    };
    return AddChoice(
        std::move(name), words, std::move(help),
        [&target, values](std::size_t i) { target = values[i]; }, index);
  }
  // NOLINTEND(performance-unnecessary-value-param)

  /// Anything else. `set` gets what was given and says what is wrong with it; `show` gives the
  /// value back as text; `form` describes it in the documentation ("HOST:PORT").
  SettingTable& Custom(std::string name, std::string form,
                       std::function<Status(std::string_view)> set,
                       std::function<std::string()> show, std::string help);

  /// A condition over several settings, asked once all have been read without a problem. What it
  /// returns is reported for `name`.
  SettingTable& Check(std::string name, std::function<Status()> check);

  /// Reads all settings. A setting that has a problem keeps its default.
  ///
  /// The variable AUDITFLOW_CONFIG_FILE may name a file in the form of systemd and docker: lines
  /// NAME=VALUE, `#` and `;` begin comments, values may stand in quotes. What it holds counts where
  /// the environment has nothing.
  std::vector<SettingProblem> Read(const Environment& environment);

  /// Names in the file that no setting has: spelling mistakes, or another program's. From the last
  /// `Read`.
  [[nodiscard]] const std::vector<SettingProblem>& Unknown() const;

  /// The documentation for a terminal, 100 columns.
  [[nodiscard]] std::string Help() const;
  /// The documentation as Markdown: one table per section.
  [[nodiscard]] std::string Markdown() const;
  /// The values in use as lines NAME=VALUE in the form that `Read` takes, with their origin in
  /// comments. Secrets are "***", which is no value to read back.
  [[nodiscard]] std::string Print() const;

 private:
  struct Setting;
  struct Impl;

  SettingTable& AddNumber(std::string name, std::string help, std::uint64_t min, std::uint64_t max,
                          std::function<void(std::optional<std::uint64_t>)> set,
                          std::function<std::optional<std::uint64_t>()> get);
  SettingTable& AddChoice(std::string name, const std::vector<std::string>& words, std::string help,
                          std::function<void(std::size_t)> set, std::function<std::size_t()> get);
  SettingTable& Add(Setting setting);

  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::config
