#include "src/match/scalar_test.hpp"

#include <string>

#include <gtest/gtest.h>

namespace auditflow::match {
namespace {

using sigma::Comparison;

TEST(ParseNumber, TakesJsonNumbersOnly) {
  for (const char* good : {"0", "-0", "7", "-7", "1.5", "1e2", "1E+2", "1.5e-3",
                           "18446744073709551615", "18446744073709551616"}) {
    EXPECT_TRUE(ParseNumber(good).has_value()) << good;
  }
  for (const char* bad : {"", "-", "+1", "007", "-01", "1.", ".5", "1e", "1e+", " 1", "1 ", "0x1f",
                          "1,5", "nan", "inf", "1e999", "1a"}) {
    EXPECT_FALSE(ParseNumber(bad).has_value()) << bad;
  }
}

TEST(Compare, IsExactAcrossRepresentations) {
  struct Row {
    const char* a;
    const char* b;
    Comparison holds;
  };
  const Row rows[] = {
      {"9007199254740993", "9007199254740992", Comparison::kGt},
      {"9007199254740993", "9007199254740992.0", Comparison::kGt},
      {"9007199254740992.0", "9007199254740993", Comparison::kLt},
      {"1.0", "1", Comparison::kEq},
      {"1e2", "100", Comparison::kEq},
      {"-0", "0", Comparison::kEq},
      {"-0.0", "0", Comparison::kEq},
      {"-1", "18446744073709551615", Comparison::kLt},
      {"18446744073709551615", "18446744073709551616", Comparison::kLt},
      {"9223372036854775807", "9223372036854775808", Comparison::kLt},
      {"-9223372036854775808", "-9223372036854775809", Comparison::kEq},  // the latter is a double
      {"-1", "-1.5", Comparison::kGt},
      {"-1.5", "-1", Comparison::kLt},
      {"1", "1.5", Comparison::kLt},
      {"5", "1e300", Comparison::kLt},
      {"5", "-1e300", Comparison::kGt},
  };
  for (const Row& row : rows) {
    const Number a = *ParseNumber(row.a);
    const Number b = *ParseNumber(row.b);
    const auto holds = [&](Comparison c) { return Compare(c, a, b); };
    const bool less = row.holds == Comparison::kLt;
    const bool equal = row.holds == Comparison::kEq;
    SCOPED_TRACE(std::string(row.a) + " and " + row.b);
    EXPECT_EQ(holds(Comparison::kLt), less);
    EXPECT_EQ(holds(Comparison::kLte), less || equal);
    EXPECT_EQ(holds(Comparison::kEq), equal);
    EXPECT_EQ(holds(Comparison::kNeq), !equal);
    EXPECT_EQ(holds(Comparison::kGte), !less);
    EXPECT_EQ(holds(Comparison::kGt), !less && !equal);
  }
}

TEST(InNetwork, ContainsItsAddresses) {
  struct Row {
    const char* network;
    const char* address;
    bool contains;
  };
  const Row rows[] = {
      {"10.0.0.0/8", "10.255.0.1", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.1.2.3/8", "10.9.9.9", true},  // bits behind the prefix do not count
      {"10.0.0.0/255.0.0.0", "10.2.3.4", true},
      {"10.0.0.0/8", "::ffff:10.1.2.3", true},
      {"10.0.0.0/8", "::10.1.2.3", false},
      {"192.168.1.1", "192.168.1.1", true},
      {"192.168.1.1", "192.168.1.2", false},
      {"0.0.0.0/0", "1.2.3.4", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"::/0", "2001:db8::1", true},
      {"::/0", "1.2.3.4", false},
      {"fe80::/10", "fe80::1%eth0", true},
      {"fe80::/10", "fec0::1", false},
      {"::1/128", "::1", true},
      {"172.16.0.0/12", "172.31.255.255", true},
      {"172.16.0.0/12", "172.32.0.0", false},
  };
  for (const Row& row : rows) {
    const auto network = ParseNetwork(row.network);
    const auto address = ParseAddress(row.address);
    ASSERT_TRUE(network && address) << row.network << " " << row.address;
    EXPECT_EQ(Contains(*network, *address), row.contains) << row.network << " " << row.address;
  }
}

TEST(ParseNetwork, RefusesWhatIsNone) {
  for (const char* bad :
       {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "::/129", "10.0.0.0/255.0.255.0",
        "010.0.0.0/8", "host/8", "::1/::", "10.0.0.0/8 "}) {
    EXPECT_FALSE(ParseNetwork(bad).has_value()) << bad;
  }
}

TEST(ParseAddress, RefusesWhatIsNone) {
  for (const std::string& bad :
       {std::string(), std::string("1.2.3"), std::string("1.2.3.4 "), std::string("1.2.3.4\0", 8),
        std::string("01.2.3.4"), std::string(":::"), std::string(5000, '1')}) {
    EXPECT_FALSE(ParseAddress(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace auditflow::match
