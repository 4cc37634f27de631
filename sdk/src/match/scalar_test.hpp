#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "auditflow/event/event.hpp"

#include "src/match/expression.hpp"

/// What one scalar answers to the tests that are no patterns. Both evaluators use these, so each
/// question has one answer.
namespace auditflow::match {

/// The text that patterns and regexes see: strings as they are, numbers as written, true/false;
/// nothing for null and containers.
std::optional<std::string_view> TextOf(const event::Event& event, event::Value value);

/// Reads JSON's number grammar and nothing else ("007", "+1", " 1" and "0x1f" are no numbers):
/// int64 if it fits, else uint64, else the nearest double; nothing beyond double's range.
std::optional<Number> ParseNumber(std::string_view text);

/// The number that a scalar is, or that a string spells.
std::optional<Number> NumberOf(event::Value value);

/// By value and without rounding, whatever the two representations: 9007199254740993 and
/// 9007199254740992.0 differ.
std::partial_ordering Order(const Number& a, const Number& b);
/// Whether `a comparison b` holds.
bool Compare(sigma::Comparison comparison, const Number& a, const Number& b);

/// Whether true/false, or those words in any letter case, is `expected`.
bool EqualsBoolean(event::Value value, bool expected);

/// An IPv4 address in its mapped form, or an IPv6 address (a zone after `%` is left out).
std::optional<std::array<std::uint8_t, 16>> ParseAddress(std::string_view text);
/// "address/prefix", "address/netmask" for IPv4, or one address; bits behind the prefix are
/// cleared.
std::optional<InNetwork> ParseNetwork(std::string_view text);
/// IPv4 addresses, mapped ones included, are never in an IPv6 network such as ::/0.
bool Contains(const InNetwork& network, const std::array<std::uint8_t, 16>& address);

/// The scalar is a date as `ParseCivil` reads it (in its own offset), or a JSON number of Unix time
/// (in UTC), and its part compares so.
bool DatePartHolds(const ComparesDatePart& test, event::Value value);

/// Whether `text` stands in the relation to `other`.
bool RelationHolds(const RelatesToField& test, std::string_view text, std::string_view other);

}  // namespace auditflow::match
