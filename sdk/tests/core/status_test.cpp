#include "auditflow/core/status.hpp"

#include <gtest/gtest.h>

#include "auditflow/core/result.hpp"

namespace auditflow {
namespace {

TEST(Status, TheDefaultIsOk) {
  EXPECT_TRUE(Status().ok());
  EXPECT_EQ(Status().ToString(), "OK");
  EXPECT_FALSE(Status().retryable());
}

TEST(Status, PrintsCodeAndMessage) {
  EXPECT_EQ(InvalidArgument("timestamp: month 13").ToString(),
            "INVALID_ARGUMENT: timestamp: month 13");
  EXPECT_EQ(Internal("").ToString(), "INTERNAL");
}

TEST(Status, OnlyCodesThatPassAreRetryable) {
  EXPECT_TRUE(Unavailable("x").retryable());
  EXPECT_TRUE(DeadlineExceeded("x").retryable());
  EXPECT_TRUE(ResourceExhausted("x").retryable());
  EXPECT_TRUE(Status(StatusCode::kAborted, "x").retryable());
  EXPECT_FALSE(InvalidArgument("x").retryable());
  EXPECT_FALSE(NotFound("x").retryable());
  EXPECT_FALSE(DataLoss("x").retryable());
  EXPECT_TRUE(Status(StatusCode::kInternal, "x", Retry::kYes).retryable());
}

TEST(Status, ContextGoesBeforeTheMessageAndKeepsTheRest) {
  const Status status = Status(StatusCode::kInternal, "lost", Retry::kYes).WithContext("store");
  EXPECT_EQ(status.message(), "store: lost");
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_TRUE(status.retryable());
}

TEST(Status, EveryCodeHasAName) {
  for (int code = 0; code <= 16; ++code) {
    const auto name = ToString(static_cast<StatusCode>(code));
    EXPECT_EQ(name == "UNKNOWN", code == 2) << code;
  }
  EXPECT_EQ(ToString(static_cast<StatusCode>(200)), "UNKNOWN");
}

TEST(Result, CarriesAValueOrAStatus) {
  const Result<int> value = 3;
  const Result<int> error = Error(NotFound("nothing"));
  EXPECT_EQ(*value, 3);
  EXPECT_EQ(error.error(), NotFound("nothing"));
}

}  // namespace
}  // namespace auditflow
