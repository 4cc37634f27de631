#include "cli/scan_run.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "auditflow/core/clock.hpp"
#include "auditflow/event/json_stream.hpp"
#include "auditflow/input/reader.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/pipeline/scanner.hpp"

#include "cli/command.hpp"
#include "cli/diagnostics.hpp"
#include "cli/finding_format.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/rules_location.hpp"
#include "cli/scan_report.hpp"
#include "cli/terminal.hpp"

namespace auditflow::cli {
namespace {

constexpr std::size_t kMaxShownDiagnostics = 10;
constexpr std::uint64_t kMaxShownFaultsPerFile = 20;
constexpr std::uint64_t kEventsPerProgress = 64;

/// The size of all files together; nothing if one is no regular file.
std::optional<std::uint64_t> TotalSize(const std::vector<std::string>& files) {
  std::uint64_t total = 0;
  for (const std::string& file : files) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (file == "-" || error) return std::nullopt;
    total += size;
  }
  return total;
}

class Scan {
 public:
  explicit Scan(const ScanOptions& options)
      : options_(options),
        out_(StandardOutput()),
        err_(StandardError()),
        output_(out_.interactive),
        json_(options.files, options.with_event),
        table_(options.files, out_),
        progress_(!options.quiet, err_, SystemClock()),
        total_(TotalSize(options.files)),
        as_table_(options.format == ScanFormat::kTable ||
                  (options.format == ScanFormat::kAuto && out_.interactive)) {}

  int Run() {
    const Duration start = SystemClock().Monotonic();
    if (!Prepare()) return kExitFailed;
    for (std::size_t i = 0; i < options_.files.size() && output_.ok(); ++i) {
      ScanFile(static_cast<std::uint32_t>(i));
    }
    if (output_.ok()) Check(scanner_->Finish(visitor_));
    output_.Flush();
    progress_.Clear();
    if (options_.summary && !options_.quiet && output_.ok()) {
      const Duration elapsed = SystemClock().Monotonic() - start;
      Say(SummaryLines(counts_, scanner_->Statistics(), elapsed, err_));
    }
    return Finish(output_, failed_ ? kExitFailed : kExitOk);
  }

 private:
  /// Loads the rules. @return false if there is nothing to scan with.
  bool Prepare() {
    const std::shared_ptr<const pipeline::RulePackage> package =
        pipeline::LoadRulePackage(RulePaths(options_.rules), PackageOptions());
    ReportErrors(package->diagnostics);
    if (!options_.quiet) Say(RuleLines(*package));
    if (package->rule_count() == 0) {
      Complain("no rule could be loaded; --rules names a folder of Sigma rules");
      return false;
    }
    pipeline::ScannerOptions scanner_options;
    scanner_options.allowed_lateness = options_.allowed_lateness;
    auto scanner = pipeline::Scanner::Create(package, scanner_options);
    if (!scanner) {
      Complain(scanner.error().message());
      return false;
    }
    scanner_ = std::move(*scanner);
    visitor_ = [this](const pipeline::Finding& finding) { Show(finding); };
    return true;
  }

  pipeline::RulePackageOptions PackageOptions() {
    pipeline::RulePackageOptions options;
    for (const std::string& placeholder : options_.placeholders) {
      const std::size_t equals = placeholder.find('=');
      options.compile.placeholders[placeholder.substr(0, equals)].push_back(
          placeholder.substr(equals + 1));
    }
    ApplyRouting(options_.routing, options);
    if (options_.routing.routing && options.logsource_maps.empty() && !options_.quiet) {
      Say({std::string("auditflow: ") + kNoMaps});
    }
    return options;
  }

  void ReportErrors(const std::vector<sigma::Diagnostic>& diagnostics) {
    std::size_t errors = 0;
    for (const sigma::Diagnostic& diagnostic : diagnostics) {
      if (diagnostic.kind == sigma::DiagnosticKind::kWarning) continue;
      if (++errors <= kMaxShownDiagnostics) Say({Format(diagnostic, err_)});
    }
    if (errors > kMaxShownDiagnostics) {
      Say({"… and " + Grouped(errors - kMaxShownDiagnostics) +
           " more; `auditflow rules check` shows all"});
    }
    failed_ |= errors != 0;
  }

  void ScanFile(std::uint32_t number) {
    const std::string& name = options_.files[number];
    auto opened = input::Reader::Open(name);
    if (!opened) {
      Complain(name + ": " + opened.error().message());
      return;
    }
    input::Reader& reader = **opened;
    event::JsonStream stream([&](char* out, std::size_t room) {
      // What has been found must not wait for a pipe that may stay silent.
      if (!reader.size()) output_.Flush();
      return reader.Read(out, room);
    });
    faults_in_file_ = 0;
    ++counts_.files;
    while (const std::optional<event::StreamItem> item = stream.Next()) {
      if (!output_.ok()) break;
      Take(*item, number);
      if (++items_ % kEventsPerProgress == 0) ShowProgress(reader.bytes_taken());
    }
    counts_.bytes += reader.bytes_taken();
    if (faults_in_file_ > kMaxShownFaultsPerFile) {
      Complain(name + ": … and " + Grouped(faults_in_file_ - kMaxShownFaultsPerFile) +
               " more documents that could not be read");
    }
  }

  void Take(const event::StreamItem& item, std::uint32_t file) {
    const Status status = item.status.ok() ? parser_.ParseInPlace(item.text, event_) : item.status;
    if (!status.ok()) {
      Fault(options_.files[file] + ':' + std::to_string(item.line) + ": " + status.message());
      return;
    }
    Check(scanner_->Scan(event_, {file, item.line, item.index}, visitor_));
  }

  void Show(const pipeline::Finding& finding) {
    if (EffectiveLevel(*finding.metadata) < options_.level) return;
    counts_.Add(finding);
    if (out_.interactive) progress_.Clear();
    if (!as_table_) {
      output_.Line(json_.Format(finding));
      return;
    }
    if (counts_.matches == 1) output_.Line(table_.Header());
    output_.Line(table_.Row(finding));
  }

  void ShowProgress(std::uint64_t bytes_of_file) {
    progress_.Update({counts_.bytes + bytes_of_file, total_, items_, counts_.matches});
  }

  void Fault(const std::string& message) {
    ++counts_.faulty;
    failed_ = true;
    if (++faults_in_file_ <= kMaxShownFaultsPerFile) Say({message});
  }

  void Check(const Status& status) {
    if (!status.ok()) Complain(status.message());
  }

  void Complain(const std::string& message) {
    failed_ = true;
    Say({"auditflow: " + message});
  }

  void Say(const std::vector<std::string>& lines) {
    progress_.Clear();
    for (const std::string& line : lines) std::fprintf(stderr, "%s\n", line.c_str());
  }

  const ScanOptions& options_;
  Terminal out_;
  Terminal err_;
  Output output_;
  FindingJson json_;
  FindingTable table_;
  Progress progress_;
  std::optional<std::uint64_t> total_;
  bool as_table_;
  std::unique_ptr<pipeline::Scanner> scanner_;
  pipeline::Scanner::Visitor visitor_;
  event::EventParser parser_;
  event::Event event_;
  ScanCounts counts_;
  std::uint64_t items_ = 0;
  std::uint64_t faults_in_file_ = 0;
  bool failed_ = false;
};

}  // namespace

int RunScan(const ScanOptions& options) { return Scan(options).Run(); }

}  // namespace auditflow::cli
