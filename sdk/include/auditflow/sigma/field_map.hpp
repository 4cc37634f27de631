#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/sigma/document.hpp"

namespace auditflow::sigma {

/// A text made of fields, `%Domain%\%User%`; `%%` in it stands for one percent sign.
struct FieldText {
  struct Part {
    std::string before;  ///< what stands in front of the field
    std::string field;   ///< empty: nothing; in the last part only
  };
  std::string text;         ///< as it is written
  std::vector<Part> parts;  ///< with one field at least
};

/// @return nothing if no field is named, a percent sign has no partner, or there are more than 16
/// fields.
std::optional<FieldText> ParseFieldText(std::string_view text);

/// A name that rules use, and where events of one kind hold it: the first of the texts of which the
/// event has every part, else the first of the sources that the event has.
struct FieldAlias {
  std::string field;                 ///< `*`: every field, its name standing for `*` in the sources
  std::vector<std::string> sources;  ///< other fields
  /// What values (in either letter case) are called in rules; others are taken as they are.
  std::vector<std::pair<std::string, std::string>> values = {};
  std::vector<FieldText> texts = {};
  /// Also if the event has `field` itself: neither that nor what another document without this
  /// gives it counts then.
  bool instead = false;
};

/// Reads `auditflow: {fields: {NAME: SOURCE, …}}` of a logsource map's document; instead of a
/// SOURCE also `[SOURCE, …]` or a map with any of
///
///   from: SOURCE or [SOURCE, …]
///   text: TEXT or [TEXT, …]          # see `FieldText`
///   values: {VALUE: NAME, …}
///   instead: true
///
/// of which `from` or `text` is needed. What is of another form, and keys of the block that a map
/// does not have, are reported as invalid with their place; the rest is used.
std::vector<FieldAlias> ReadFieldAliases(const Metadata& metadata,
                                         std::vector<Diagnostic>& diagnostics);

}  // namespace auditflow::sigma
