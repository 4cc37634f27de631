#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/config/settings.hpp"

#include "src/config/env_file.hpp"

namespace auditflow::config {
namespace {

struct Program {
  std::string text = "default";
  std::uint16_t port = 1;
  std::uint32_t number = 5;
  double real = 0.5;
  bool flag = false;
  Duration time = std::chrono::seconds(5);
  Secret secret;
  std::string choice = "one";
  std::filesystem::path path;
  std::vector<std::string> list;
  SettingTable table;

  Program() {
    table.Text("TEXT", text, "").Port("PORT", port, "").Number("NUMBER", number, "", 1, 100'000);
    table.Real("REAL", real, "", -1e300, 1e300).Flag("FLAG", flag, "").Time("TIME", time, "");
    table.Choice("CHOICE", choice, {"one", "two"}, "").Path("PATH", path, "");
    table.List("LIST", list, "").Hidden("SECRET", secret, "");
  }

  /// @return whether there was no problem.
  bool Read(std::string_view file) {
    const EnvFile parsed = ParseEnvFile(file);
    const auto find = [&](std::string_view name) -> std::optional<std::string> {
      const auto line = std::ranges::find(parsed.lines, name, &EnvLine::name);
      // Never other files: what they hold is not the input's.
      if (line == parsed.lines.end() || name.ends_with("_FILE")) return std::nullopt;
      return line->value;
    };
    return table.Read(find).empty() && parsed.faults.empty();
  }

  bool operator==(const Program& other) const {
    return text == other.text && port == other.port && number == other.number &&
           real == other.real && flag == other.flag && time == other.time &&
           choice == other.choice && path == other.path && list == other.list;
  }
};

}  // namespace
}  // namespace auditflow::config

// What is printed of settings that were read is read back as the same, and no secret is in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using auditflow::config::Program;
  Program first;
  (void)first.Read({reinterpret_cast<const char*>(data), size});
  Program second;
  if (!second.Read(first.table.Print()) || !(first == second)) std::abort();
  return 0;
}
