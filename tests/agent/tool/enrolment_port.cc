// SPDX-License-Identifier: Apache-2.0
// One connection at a time, one request each.
#include "tests/agent/tool/enrolment_port.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "core/base64.h"
#include "core/codec.h"

namespace curfew::test {
namespace {

namespace json = boost::json;

struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};

std::string Text(const json::object& from, const char* key) { return std::string(from.at(key).as_string()); }

/// The body, once all that Content-Length promises is there.
bool TakeBody(const std::string& request, std::string& body) {
  const std::size_t end = request.find("\r\n\r\n");
  const std::size_t length = request.find("Content-Length: ");
  if (end == std::string::npos || length == std::string::npos) return false;
  const std::size_t size = std::stoul(request.substr(length + 16));
  if (request.size() < end + 4 + size) return false;
  body = request.substr(end + 4, size);
  return true;
}

}  // namespace

EnrolmentPort::EnrolmentPort()
    : ca_(CertificateAuthority::Create().value()),
      tls_(ServerTls::ForPeople(ca_.IssueServer({"127.0.0.1"}, kEndOfTime).value()).value()),
      root_(PrivateKey::Generate().value()),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);  // NOLINT: the sockets' own way
  EXPECT_EQ(::bind(listener_.Get(), any, size), 0);
  EXPECT_EQ(::listen(listener_.Get(), 8), 0);
  EXPECT_EQ(::getsockname(listener_.Get(), any, &size), 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

EnrolmentPort::~EnrolmentPort() {
  ::shutdown(listener_.Get(), SHUT_RDWR);
  thread_.join();
}

void EnrolmentPort::ChangeRoot() { root_ = PrivateKey::Generate().value(); }

void EnrolmentPort::Serve() {
  while (true) {
    const FileDescriptor client(::accept4(listener_.Get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client.IsOpen()) return;
    Talk(client.Get());
  }
}

void EnrolmentPort::Talk(int client) {
  const std::unique_ptr<SSL, FreeSession> session(SSL_new(tls_.Native()));
  SSL_set_fd(session.get(), client);
  if (SSL_accept(session.get()) != 1) return;
  std::string request;
  std::string body;
  std::array<char, 4096> part{};
  while (!TakeBody(request, body)) {
    const int got = SSL_read(session.get(), part.data(), static_cast<int>(part.size()));
    if (got <= 0) return;
    request.append(part.data(), static_cast<std::size_t>(got));
  }
  EXPECT_EQ(request.substr(0, 22), "POST /v1/enroll HTTP/1");
  ++asked_;
  if (std::exchange(cut_, false)) return;
  const PortAnswer answer = Answer(body);
  const std::string reply = "HTTP/1.1 " + std::to_string(answer.status) +
                            " x\r\nContent-Length: " + std::to_string(answer.body.size()) +
                            "\r\nConnection: close\r\n\r\n" + answer.body;
  SSL_write(session.get(), reply.data(), static_cast<int>(reply.size()));
  SSL_shutdown(session.get());
}

PortAnswer EnrolmentPort::Answer(const std::string& body) {
  if (refusal_.status != 200) return refusal_;
  const json::object asked = json::parse(body).as_object();
  const auto identity = PublicKey::FromBytes(DecodeBase64(Text(asked, "identity_key")).value()).value();
  const std::string text =
      "curfew enrolment v1\n" + Text(asked, "name") + "\n" + Text(asked, "audit_key") + "\n" + Text(asked, "csr");
  if (!VerifySignature(identity, text, DecodeBase64(Text(asked, "identity_proof")).value())) return {403, "{}"};
  const auto host = HostId::FromBytes(identity.Id().Raw()).value();
  RoleTable table;
  table.version = 1;
  table.roles[Purpose::kRoles] = Role{1, {root_.Public()}};
  json::object answer;
  answer["host_id"] = host.Hex();
  answer["certificate"] = ca_.IssueHost(Text(asked, "csr"), host).value();
  answer["ca"] = ca_.CertificatePem();
  answer["agents"] = "127.0.0.1:7444";
  answer["root_keys"] = json::array{json::value(EncodeBase64(root_.Public().Raw()))};
  answer["root_threshold"] = 1;
  answer["roles"] = EncodeBase64(Seal(Purpose::kRoles, EncodeRoleTable(table), root_).value());
  return {200, json::serialize(answer)};
}

}  // namespace curfew::test
