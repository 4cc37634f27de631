#include "src/curl/addresses.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <netinet/in.h>

namespace auditflow::curl {
namespace {

using V6 = std::array<std::uint8_t, 16>;

struct Range4 {
  std::uint32_t first;
  unsigned bits;
};

// IANA's IPv4 Special-Purpose Address Registry, and multicast.
constexpr std::array<Range4, 15> kSpecial4 = {{{0x00000000, 8},    // this network
                                               {0x0A000000, 8},    // private
                                               {0x64400000, 10},   // shared, carriers
                                               {0x7F000000, 8},    // loopback
                                               {0xA9FE0000, 16},   // link-local, cloud metadata
                                               {0xAC100000, 12},   // private
                                               {0xC0000000, 24},   // protocol assignments
                                               {0xC0000200, 24},   // documentation
                                               {0xC0586300, 24},   // 6to4 relays
                                               {0xC0A80000, 16},   // private
                                               {0xC6120000, 15},   // benchmarks
                                               {0xC6336400, 24},   // documentation
                                               {0xCB007100, 24},   // documentation
                                               {0xE0000000, 4},    // multicast
                                               {0xF0000000, 4}}};  // reserved, broadcast

bool IsPublic4(std::uint32_t address) {
  return std::none_of(kSpecial4.begin(), kSpecial4.end(), [&](const Range4& range) {
    return (address ^ range.first) >> (32U - range.bits) == 0;
  });
}

std::uint32_t Ipv4At(const V6& address, std::size_t first) {
  std::uint32_t value = 0;
  for (std::size_t i = first; i < first + 4; ++i) value = value << 8U | address[i];
  return value;
}

bool StartsWith(const V6& address, std::string_view prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

bool IsPublic6(const V6& address) {
  using namespace std::string_view_literals;
  if (StartsWith(address, "\0\0\0\0\0\0\0\0\0\0\xFF\xFF"sv)) return IsPublic4(Ipv4At(address, 12));
  if (StartsWith(address, "\x00\x64\xFF\x9B\0\0\0\0\0\0\0\0"sv)) {
    return IsPublic4(Ipv4At(address, 12));  // NAT64
  }
  if (StartsWith(address, "\x20\x02"sv)) return IsPublic4(Ipv4At(address, 2));  // 6to4
  if (StartsWith(address, "\x20\x01\x0D\xB8"sv)) return false;                  // documentation
  if (StartsWith(address, "\x20\x01"sv) && address[2] < 2) return false;        // protocols, Teredo
  return (address[0] & 0xE0U) == 0x20;  // 2000::/3, all that is assigned
}

}  // namespace

bool IsPublicAddress(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof(v4));
    return IsPublic4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6) return false;
  sockaddr_in6 v6{};
  std::memcpy(&v6, address, sizeof(v6));
  V6 bytes{};
  std::copy_n(v6.sin6_addr.s6_addr, bytes.size(), bytes.begin());
  return IsPublic6(bytes);
}

}  // namespace auditflow::curl
