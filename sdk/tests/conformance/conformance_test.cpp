#include <cctype>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/check_case.hpp"
#include "tests/conformance/conformance_case.hpp"

/// Registers each case of the suite as a test of its own, named after the file and the case.
namespace auditflow::conformance {
namespace {

class CaseTest : public testing::Test {
 public:
  explicit CaseTest(const Case& test) : test_(test) {}
  void TestBody() override { CheckCase(test_); }

 private:
  const Case& test_;
};

/// A file that cannot be read is a failure, not an absence.
class ReadableTest : public testing::Test {
 public:
  explicit ReadableTest(const Suite& suite) : suite_(suite) {}
  void TestBody() override {
    EXPECT_EQ(suite_.fault, "");
    EXPECT_FALSE(suite_.cases.empty());
  }

 private:
  const Suite& suite_;
};

/// "neq: null & 'x'" → "neq_null_x"
std::string TestName(const std::string& title) {
  std::string name;
  for (const char c : title) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  return name;
}

void Register(const Suite& suite) {
  const std::string file = suite.file.string();
  testing::RegisterTest(suite.name.c_str(), "IsReadable", nullptr, nullptr, file.c_str(), 1,
                        [&suite]() -> testing::Test* { return new ReadableTest(suite); });
  for (const Case& test : suite.cases) {
    testing::RegisterTest(suite.name.c_str(), TestName(test.name).c_str(), nullptr, nullptr,
                          file.c_str(), static_cast<int>(test.line),
                          [&test]() -> testing::Test* { return new CaseTest(test); });
  }
}

}  // namespace
}  // namespace auditflow::conformance

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  const auto suites = auditflow::conformance::LoadSuites(AUDITFLOW_CONFORMANCE_SUITE);
  for (const auto& suite : suites) auditflow::conformance::Register(suite);
  return RUN_ALL_TESTS();
}
