#include <cstdio>

#include <auditflow/core/result.hpp>
#include <auditflow/core/status.hpp>

namespace {

auditflow::Result<int> Halve(int number) {
  if (number % 2 != 0) return auditflow::Error(auditflow::InvalidArgument("number: odd"));
  return number / 2;
}

}  // namespace

int main() {
  const auditflow::Result<int> half = Halve(6);
  const auditflow::Result<int> failure = Halve(7);
  std::puts(failure.error().ToString().c_str());
  return half == 3 && failure.error().code() == auditflow::StatusCode::kInvalidArgument ? 0 : 1;
}
