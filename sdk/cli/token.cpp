#include "cli/token.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "auditflow/api/access.hpp"

#include "cli/output.hpp"
#include "cli/terminal.hpp"

namespace auditflow::cli {
namespace {

constexpr const char* kFooter =
    R"(Prints the token, which is shown this once, and the line for the file that the services'
TOKENS_FILE names; with --file the line is added to that file, and the token alone is
printed. Services read the file when they start and on SIGHUP.

Scopes are those that a service's /openapi.json names, for example alerts:read,
alerts:write, rules:read, rate:write, admin; * stands for all.

Examples:
  auditflow token new --name grafana --scopes alerts:read,events:read --file tokens
  auditflow token new --name operator --scopes '*')";

struct Options {
  std::string name;
  std::vector<std::string> scopes;
  std::filesystem::path file;
};

int Fail(const std::string& message) {
  std::fprintf(stderr, "auditflow token: %s\n", message.c_str());
  return kExitFailed;
}

/// A file that holds nothing yet may take a token; one that is broken or has the name may not.
Status CheckFile(const Options& options) {
  const auto access = api::AccessControl::Load(options.file);
  if (!access) {
    const StatusCode code = access.error().code();
    const bool empty = code == StatusCode::kNotFound || code == StatusCode::kFailedPrecondition;
    return empty ? Status() : access.error();
  }
  const std::vector<std::string> names = (*access)->Names();
  if (std::ranges::find(names, options.name) == names.end()) return {};
  return AlreadyExists(options.file.string() +
                       " has a token of that name already: " + options.name);
}

/// Only the owner may read a file that is made; nobody has to, for it holds digests only.
Status Append(const std::filesystem::path& path, const std::string& line) {
  constexpr int kOwnerOnly = 0600;
  const auto failed = [&path] {
    return Unavailable(path.string() + ": " + std::generic_category().message(errno));
  };
  const int file = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (file < 0) return failed();
  char last = '\n';
  if (const off_t size = ::lseek(file, 0, SEEK_END); size > 0) {
    [[maybe_unused]] const ssize_t read = ::pread(file, &last, 1, size - 1);
  }
  const std::string text = (last == '\n' ? "" : "\n") + line + "\n";
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  Status status = written && ::fsync(file) == 0 ? Status() : failed();
  ::close(file);
  return status;
}

int Run(const Options& options) {
  const Result<api::NewToken> made = api::MakeToken(options.name, options.scopes);
  if (!made) return Fail(made.error().message());
  Output output(StandardOutput().interactive);
  if (!options.file.empty()) {
    Status status = CheckFile(options);
    if (status.ok()) status = Append(options.file, made->line);
    if (!status.ok()) return Fail(status.message());
  }
  output.Line(made->token);
  if (options.file.empty()) output.Line(made->line);
  return Finish(output, kExitOk);
}

}  // namespace

void AddToken(CLI::App& app, Action& action) {
  CLI::App* token = app.add_subcommand("token", "Make access tokens for the services");
  token->require_subcommand(1);
  auto options = std::make_shared<Options>();
  CLI::App* command = token->add_subcommand("new", "Make a token");
  command->add_option("--name", options->name, "Whose it is: letters, digits and -_.@")
      ->required()
      ->type_name("NAME");
  command->add_option("--scopes", options->scopes, "What it may be used for, comma separated")
      ->required()
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("SCOPE,...");
  command->add_option("--file", options->file, "Add the line to this file; made if it is missing")
      ->type_name("FILE");
  command->footer(kFooter);
  command->callback([options, &action] { action = [options] { return Run(*options); }; });
}

}  // namespace auditflow::cli
