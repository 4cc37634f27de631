#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "auditflow/event/event.hpp"

namespace auditflow::event {

/// Memory that ends where the readable address space does, as far as anyone can tell.
class GuardedBytes {
 public:
  explicit GuardedBytes(std::size_t size)
      : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
        mapped_((size + page_ - 1) / page_ * page_ + page_) {
    void* const at =
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(at, MAP_FAILED);
    begin_ = static_cast<char*>(at);
    EXPECT_EQ(mprotect(end(), page_, PROT_NONE), 0);
  }
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;
  ~GuardedBytes() { munmap(begin_, mapped_); }

  /// Copies the text so that exactly `EventParser::kPadding` bytes stand behind it: `padding`, over
  /// and over. Requires a padding.
  std::string_view Place(std::string_view text, std::string_view padding) {
    char* const at = Last(text.size() + EventParser::kPadding);
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    for (std::size_t i = 0; i < EventParser::kPadding; ++i) {
      at[text.size() + i] = padding[i % padding.size()];
    }
    return {at, text.size()};
  }
  std::string_view Place(std::string_view text, char padding) {
    return Place(text, std::string_view(&padding, 1));
  }

  /// The last `size` bytes.
  [[nodiscard]] char* Last(std::size_t size) { return end() - size; }

 private:
  [[nodiscard]] char* end() const { return begin_ + (mapped_ - page_); }

  std::size_t page_;
  std::size_t mapped_;
  char* begin_ = nullptr;
};

}  // namespace auditflow::event
