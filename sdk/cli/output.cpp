#include "cli/output.hpp"

#include <cstdio>
#include <system_error>

#include <errno.h>
#include <unistd.h>

#include "cli/command.hpp"

namespace auditflow::cli {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{64} << 10U;

}  // namespace

void Output::Line(std::string_view text) {
  if (!ok()) return;
  pending_ += text;
  pending_ += '\n';
  if (flush_each_line_ || pending_.size() >= kFlushBytes) Flush();
}

void Output::Flush() {
  std::string_view rest = pending_;
  while (!rest.empty() && ok()) {
    const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  pending_.clear();
}

bool Output::closed_by_reader() const { return error_ == EPIPE; }

std::string Output::error() const { return std::generic_category().message(error_); }

int Finish(Output& output, int code) {
  output.Flush();
  if (output.ok() || output.closed_by_reader()) return code;
  std::fprintf(stderr, "auditflow: standard output: %s\n", output.error().c_str());
  return kExitFailed;
}

}  // namespace auditflow::cli
