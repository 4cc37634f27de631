#pragma once

#include "auditflow/service/application.hpp"

namespace auditflow::service {

/// From settings that have been read to the end of the process.
/// @return the exit code of `Main`.
int Run(const HostOptions& options, const ProgramInfo& info, Application& application);

/// Builds what `Run` would, and says on standard output whether it could.
int CheckOnly(const HostOptions& options, const ProgramInfo& info, Application& application);

}  // namespace auditflow::service
