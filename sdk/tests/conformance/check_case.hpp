#pragma once

#include "tests/conformance/conformance_case.hpp"

namespace auditflow::conformance {

/// Runs one case and reports what does not hold as GoogleTest failures.
///
/// - Detections: by the compiled engine and by the naive evaluator.
/// - Output and hits: by `pipeline::Detector`, event by event, and by `correlate::Correlator` over
///   the naive evaluator's matches, in one batch.
/// - Hits over again for shuffled input, under a lateness that covers the spread of the events, if
///   such a lateness leaves the expectation as it is.
void CheckCase(const Case& test);

}  // namespace auditflow::conformance
