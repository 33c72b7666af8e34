// SPDX-License-Identifier: Apache-2.0
// One key a line under its grant's header. sshd drops a line it cannot read without a word, so only exact text is written.
#include "core/authorized_keys.h"

#include <arpa/inet.h>

#include <array>

#include "core/lines.h"

namespace curfew {
namespace {

constexpr std::string_view kFile = "keys";
constexpr std::string_view kStart = "restrict,pty,";

std::string DatePart(Instant until) { return "expiry-time=\"" + CompactUtc(LastSecond(until)) + "\" "; }

void AppendLine(std::string& text, const KeyLine& line) {
  text += kStart;
  for (std::size_t i = 0; i < line.sources.size(); ++i) {
    text.append(i == 0 ? "from=\"" : ",").append(line.sources[i]);
  }
  if (!line.sources.empty()) text += "\",";
  text.append(DatePart(line.until)).append(line.key.Text()).append("\n");
}

/// Takes `from="a,b",` off `line` where it stands; nullopt when it is there but not as we write it.
std::optional<std::vector<std::string>> TakeSources(std::string_view& line) {
  std::vector<std::string> sources;
  if (!TakePrefix(line, "from=\"")) return sources;
  const std::size_t close = line.find("\",");
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view list = line.substr(0, close);
  line.remove_prefix(close + 2);
  for (;;) {
    const std::size_t comma = list.find(',');
    auto source = ParseSource(list.substr(0, comma));
    if (!source) return std::nullopt;
    sources.push_back(*std::move(source));
    if (comma == std::string_view::npos) return sources;
    list.remove_prefix(comma + 1);
  }
}

std::optional<KeyLine> ReadLine(std::string_view line, const GrantHeader& header) {
  if (!TakePrefix(line, kStart)) return std::nullopt;
  auto sources = TakeSources(line);
  if (!sources || !TakePrefix(line, DatePart(header.until))) return std::nullopt;
  auto key = LoginKey::Parse(line);
  if (!key) return std::nullopt;
  return KeyLine{header.grant, *std::move(key), *std::move(sources), header.until};
}

/// The canonical address text and its length in bits; nullopt for anything that is not an address of `family`.
std::optional<std::string> Canonical(int family, const std::string& text, unsigned bits) {
  std::array<unsigned char, 16> raw{};
  if (inet_pton(family, text.c_str(), raw.data()) != 1) return std::nullopt;
  const std::size_t size = family == AF_INET ? 4 : 16;
  // sshd calls an address with bits below its prefix inconsistent, and drops the whole line (addrmatch.c).
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned kept = bits <= i * 8 ? 0 : std::min<unsigned>(8, bits - static_cast<unsigned>(i * 8));
    if ((raw[i] & (0xFFU >> kept)) != 0) return std::nullopt;
  }
  // A mapped address never matches: sshd turns the peer's into plain IPv4 first (canohost.c, ipv64_normalise_mapped).
  const bool mapped = family == AF_INET6 && std::all_of(raw.begin(), raw.begin() + 10, [](auto b) { return b == 0; }) &&
                      raw[10] == 0xFF && raw[11] == 0xFF;
  if (mapped) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> written{};
  if (inet_ntop(family, raw.data(), written.data(), written.size()) == nullptr) return std::nullopt;
  return std::string(written.data());
}

}  // namespace

std::string RenderKeys(const std::vector<KeyLine>& lines) {
  std::string text;
  const KeyLine* before = nullptr;
  for (const KeyLine& line : lines) {
    if (before == nullptr || before->grant != line.grant || before->until != line.until) {
      text += WriteHeader(line.grant, line.until);
    }
    AppendLine(text, line);
    before = &line;
  }
  return text;
}

Result<std::vector<KeyLine>> ParseKeys(std::string_view text) {
  const auto lines = SplitLines(text, kFile);
  if (!lines) return Failure(lines.error());
  std::vector<KeyLine> keys;
  std::optional<GrantHeader> header;
  for (std::size_t i = 0; i < lines->size(); ++i) {
    const std::string_view line = (*lines)[i];
    if (auto found = ReadHeader(line)) {
      header = std::move(found);
      continue;
    }
    if (!header) return BadLine(kFile, i, "a line without a grant's header");
    auto key = ReadLine(line, *header);
    if (!key) return BadLine(kFile, i, "not a key line of curfew");
    keys.push_back(*std::move(key));
  }
  if (auto error = Difference(text, RenderKeys(keys), kFile)) return Failure(*std::move(error));
  return keys;
}

Result<std::string> ParseSource(std::string_view text) {
  const auto bad = [&](const char* what) {
    return Fail(Errc::kMalformed, what, "source " + Escaped(text.substr(0, 64)),
                "give an address or a network, e.g. 192.0.2.0/24 or 2001:db8::/32");
  };
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  if (address.size() >= INET6_ADDRSTRLEN || address.find('\0') != std::string::npos) return bad("not an address");
  const int family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  const unsigned most = family == AF_INET ? 32 : 128;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const auto prefix = ExactUid(text.substr(slash + 1));
    if (!prefix || *prefix > most) return bad("not a prefix length");
    bits = *prefix;
  }
  auto canonical = Canonical(family, address, bits);
  if (!canonical) return bad("not an address, or one with bits below its prefix");
  return bits == most ? *canonical : *canonical + "/" + std::to_string(bits);
}

}  // namespace curfew
