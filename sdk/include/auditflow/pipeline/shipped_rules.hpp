#pragma once

#include <filesystem>
#include <initializer_list>

namespace auditflow::pipeline {

/// `../share/auditflow/rules` beside the folder of the running program: where an installation and a
/// build tree have the shipped rules. Empty if it is not there.
[[nodiscard]] std::filesystem::path RulesBesideProgram();

/// The folder `logsources` of the first of these rule folders that has one; empty if none has.
[[nodiscard]] std::filesystem::path LogsourceMapsOf(
    std::initializer_list<std::filesystem::path> rules);

}  // namespace auditflow::pipeline
