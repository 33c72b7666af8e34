// SPDX-License-Identifier: Apache-2.0
// socket(2), connect(2), SO_RCVTIMEO.
#include "tests/agent/enforcer/wire.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace curfew::test {
namespace {

FileDescriptor Connect(const std::string& path, int type) {
  FileDescriptor socket(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  const timeval limit{10, 0};
  ::setsockopt(socket.Get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
  if (::connect(socket.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};  // NOLINT: C's signature
  return socket;
}

bool ReadAll(int socket, char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(socket, to, size, 0);
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

LinkWire::LinkWire(const std::string& path) : socket_(Connect(path, SOCK_STREAM)) {}

void LinkWire::Send(LocalKind kind, const std::string& body) const {
  const auto header = WriteLocalHeader(LocalHeader{kind, static_cast<std::uint32_t>(body.size())});
  SendRaw(std::string(header.begin(), header.end()) + body);
}

void LinkWire::SendRaw(const std::string& bytes) const {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t now = ::send(socket_.Get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) return;
    sent += static_cast<std::size_t>(now);
  }
}

std::optional<LocalFrame> LinkWire::Receive() const {
  std::array<char, kLocalHeader> raw{};
  if (!ReadAll(socket_.Get(), raw.data(), raw.size())) return std::nullopt;
  std::array<std::uint8_t, kLocalHeader> octets{};
  std::memcpy(octets.data(), raw.data(), raw.size());
  const auto header = ReadLocalHeader(octets);
  if (!header) return std::nullopt;
  LocalFrame frame{header->kind, std::string(header->length, '\0')};
  if (!ReadAll(socket_.Get(), frame.body.data(), frame.body.size())) return std::nullopt;
  return frame;
}

std::string LinkWire::Ask(LocalKind kind, const std::string& body) const {
  Send(kind, body);
  auto answer = Receive();
  return answer ? std::move(answer->body) : std::string();
}

FileDescriptor ConnectGate(const std::string& path) { return Connect(path, SOCK_SEQPACKET); }

std::optional<CurfewAnswer> AskGateRaw(const std::string& path, const std::string& bytes) {
  const FileDescriptor socket = ConnectGate(path);
  if (!socket.IsOpen() || ::send(socket.Get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) return std::nullopt;
  CurfewAnswer answer{};
  if (::recv(socket.Get(), &answer, sizeof answer, 0) != static_cast<ssize_t>(sizeof answer)) return std::nullopt;
  return answer;
}

std::optional<CurfewAnswer> AskGate(const std::string& path, const CurfewQuestion& question) {
  return AskGateRaw(path, std::string(reinterpret_cast<const char*>(&question), sizeof question));  // NOLINT: bytes as bytes
}

CurfewQuestion QuestionOf(CurfewQuestionKind kind, CurfewService service, const std::string& account) {
  CurfewQuestion question{};
  question.magic = kCurfewQuestionMagic;
  question.version = kCurfewFrameVersion;
  question.kind = static_cast<std::uint8_t>(kind);
  question.service = static_cast<std::uint8_t>(service);
  std::memcpy(question.account, account.data(), std::min(account.size(), sizeof question.account - 1));
  return question;
}

}  // namespace curfew::test
