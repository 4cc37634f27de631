#include "tests/allocations/allocation_counter.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace auditflow {
namespace {

std::atomic<std::size_t> allocations{0};

void* Allocate(std::size_t size, std::size_t alignment) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  // aligned_alloc wants a multiple of the alignment, and no memory is still a distinct address.
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
}

void* AllocateOrThrow(std::size_t size, std::size_t alignment) {
  if (void* memory = Allocate(size, alignment)) return memory;
  throw std::bad_alloc();
}

constexpr std::size_t kDefault = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace

std::size_t AllocationCount() { return allocations.load(std::memory_order_relaxed); }

}  // namespace auditflow

// All forms, because a sanitizer's runtime brings forms of its own, which would count nothing.
void* operator new(std::size_t size) {
  return auditflow::AllocateOrThrow(size, auditflow::kDefault);
}
void* operator new[](std::size_t size) {
  return auditflow::AllocateOrThrow(size, auditflow::kDefault);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return auditflow::AllocateOrThrow(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return auditflow::AllocateOrThrow(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return auditflow::Allocate(size, auditflow::kDefault);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return auditflow::Allocate(size, auditflow::kDefault);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
