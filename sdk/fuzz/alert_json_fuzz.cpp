#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auditflow/alert/alert.hpp"

// Whatever FromJson accepts is valid and survives being written and read again; and what is
// written once is written the same for ever.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using auditflow::alert::FromJson;
  const auto first = FromJson({reinterpret_cast<const char*>(data), size});
  if (!first) return 0;
  if (!auditflow::alert::Validate(*first).ok()) std::abort();
  const std::string json = ToJson(*first);
  const auto second = FromJson(json);
  if (!second || *second != *first || ToJson(*second) != json) std::abort();
  return 0;
}
