// SPDX-License-Identifier: Apache-2.0
// Networks of addresses.
#include "controller/identity/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace curfew {

std::string NetworkOf(std::string_view address) {
  std::array<unsigned char, 16> bytes{};
  std::string text(address.substr(0, address.find('%')));
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  // An IPv4 address as an IPv6 socket shows it (RFC 4291 2.5.5.2).
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool mapped = std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
  if (!mapped) std::fill(bytes.begin() + 8, bytes.end(), 0);
  std::array<char, INET6_ADDRSTRLEN> shown{};
  const void* from = mapped ? bytes.data() + kMapped.size() : bytes.data();
  return ::inet_ntop(mapped ? AF_INET : AF_INET6, from, shown.data(), shown.size()) == nullptr
             ? text
             : std::string(shown.data());
}

}  // namespace curfew
