#include <algorithm>
#include <string>

#include "auditflow/config/settings.hpp"

#include "src/config/table.hpp"

namespace auditflow::config {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kIndent = 6;

/// Words of `text` in lines of at most `kColumns`, each indented.
std::string Wrapped(std::string_view text) {
  std::string out;
  std::size_t column = kColumns;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (column + 1 + end > kColumns) {
      if (!out.empty()) out += '\n';
      out.append(kIndent, ' ');
      column = kIndent;
    } else {
      out += ' ';
      ++column;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string EscapedCell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c == '\n' ? ' ' : c;
  }
  return cell;
}

/// A value as the file form takes it back: in quotes where it would lose something without.
std::string FileValue(const std::string& value) {
  const bool plain = value.find_first_of(" \t\"'#;\\$`") == std::string::npos;
  if (plain) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '$' || c == '`') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string SettingTable::Help() const {
  std::string out;
  for (const Impl::Group& group : impl_->groups) {
    out += (out.empty() ? "" : "\n") + group.title + ":\n";
    for (const Setting& setting : group.settings) {
      out += "  " + setting.name + (setting.secret ? ", " + setting.name + "_FILE" : "");
      out += "  (" + setting.form + ")";
      if (!setting.default_text.empty()) out += "  [" + setting.default_text + "]";
      out += "\n" + Wrapped(setting.help) + "\n";
    }
  }
  return out;
}

std::string SettingTable::Markdown() const {
  std::string out;
  for (const Impl::Group& group : impl_->groups) {
    out += (out.empty() ? "" : "\n") + ("### " + group.title) + "\n\n";
    out += "| variable | takes | default | meaning |\n| --- | --- | --- | --- |\n";
    for (const Setting& setting : group.settings) {
      const std::string shown = EscapedCell(setting.default_text);
      out += "| `" + setting.name + "`";
      if (setting.secret) out += ", `" + setting.name + "_FILE`";
      out += " | " + EscapedCell(setting.form);
      out += " | " + (shown.empty() ? "–" : "`" + shown + "`");
      out += " | " + EscapedCell(setting.help) + " |\n";
    }
  }
  return out;
}

std::string SettingTable::Print() const {
  std::string out;
  for (const Impl::Group& group : impl_->groups) {
    out += (out.empty() ? "# " : "\n# ") + group.title + "\n";
    for (const Setting& setting : group.settings) {
      if (!setting.origin.empty()) out += "# from " + setting.origin + ":\n";
      out += setting.name + "=" + FileValue(setting.show()) + "\n";
    }
  }
  return out;
}

}  // namespace auditflow::config
