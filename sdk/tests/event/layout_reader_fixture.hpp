#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "src/event/layout_reader.hpp"
#include "tests/event/layout_reader_probe.hpp"

namespace auditflow::event {

inline constexpr std::size_t kOffsets = 140;  // more than two blocks of 64 bytes

/// Three places for a value: of a key, in an array and in an object inside of one.
inline constexpr std::string_view kLayout = R"({"a":0,"b":[],"c":[{}],"z":{"last":0}})";
inline std::string InEachPlace(std::string_view value, int place) {
  const std::string text(value);
  return R"({"a":)" + (place == 0 ? text : "0") + R"(,"b":[)" + (place == 1 ? text + ",1" : "") +
         R"(],"c":[{"d":)" + (place == 2 ? text : "0") + R"(}],"z":{"last":true}})";
}

class LayoutReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!LayoutReader::IsSupported()) GTEST_SKIP() << "this machine has no AVX2";
    probe_.Learn(kLayout);
  }

  void ExpectReads(std::string_view value) {
    for (int place = 0; place < 3; ++place) {
      EXPECT_TRUE(probe_.Reads(InEachPlace(value, place))) << InEachPlace(value, place);
    }
  }
  void ExpectGivesUp(std::string_view value) {
    for (int place = 0; place < 3; ++place) {
      EXPECT_FALSE(probe_.Reads(InEachPlace(value, place))) << InEachPlace(value, place);
    }
  }
  /// Of a string, with its piece wherever it may stand among the blocks.
  void ExpectReadsEverywhere(std::string_view piece) {
    for (std::size_t offset = 0; offset < kOffsets; ++offset) {
      ExpectReads('"' + std::string(offset, 'x') + std::string(piece) + '"');
      ExpectReads('"' + std::string(offset, 'x') + std::string(piece) + "a longer rest\"");
    }
  }
  void ExpectGivesUpEverywhere(std::string_view piece) {
    for (std::size_t offset = 0; offset < kOffsets; ++offset) {
      ExpectGivesUp('"' + std::string(offset, 'x') + std::string(piece) + '"');
      // Whatever it gives up on in a value it has to in a key that stands in no layout.
      const std::string key = std::string(offset, 'x') + std::string(piece);
      ExpectGivesUp("[{\"" + key + "\":1}]");
    }
  }

  LayoutReaderProbe probe_;
};

}  // namespace auditflow::event
