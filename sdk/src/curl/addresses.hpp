#pragma once

#include <sys/socket.h>

namespace auditflow::curl {

/// Whether the address belongs to the public Internet: not loopback, private (RFC 1918, RFC 4193),
/// link-local, shared (RFC 6598), multicast, reserved, for documentation or unspecified; an IPv6
/// address that stands for an IPv4 one (mapped, 6to4, NAT64, Teredo) as that is.
[[nodiscard]] bool IsPublicAddress(const sockaddr* address);

}  // namespace auditflow::curl
