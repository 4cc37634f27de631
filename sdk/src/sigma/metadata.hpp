#pragma once

#include <span>
#include <string_view>

#include "auditflow/sigma/document.hpp"

#include "src/sigma/reporter.hpp"

namespace auditflow::sigma {

/// Moves what all documents share out of `document`; the keys of `own` are left for the reader of
/// the document's kind. Everything else goes to `Metadata::custom`.
Metadata ReadMetadata(Node& document, std::span<const std::string_view> own, Reporter& reporter);

/// @return an empty LogSource, and the reason reported, if it is not valid.
LogSource ReadLogSource(Node& value, Reporter& reporter);

}  // namespace auditflow::sigma
