// SPDX-License-Identifier: Apache-2.0
// The CA gives a host its id and nothing else, whatever the request asks for.
#include "controller/identity/ca.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "controller/identity/tls_context.h"
#include "os/pem.h"

namespace curfew::test {
namespace {

HostId SomeHost() { return HostId::FromHex(std::string(64, 'a')).value(); }

std::string RequestWith(EVP_PKEY* key) { return NewRequestPem(key).value(); }

Certificate Read(const std::string& pem) { return std::move(CertificatesFromPem(pem).value().front()); }

/// PEM of a request that asks to be a CA called after a server.
std::string GreedyRequest(EVP_PKEY* key) {
  const CertificateRequest request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key);
  STACK_OF(X509_EXTENSION)* wishes = sk_X509_EXTENSION_new_null();
  sk_X509_EXTENSION_push(wishes, X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
  sk_X509_EXTENSION_push(wishes, X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:controller.example"));
  sk_X509_EXTENSION_push(wishes, X509V3_EXT_conf_nid(nullptr, nullptr, NID_ext_key_usage, "serverAuth"));
  X509_REQ_add_extensions(request.get(), wishes);
  sk_X509_EXTENSION_pop_free(wishes, X509_EXTENSION_free);
  X509_REQ_sign(request.get(), key, EVP_sha256());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509_REQ(bio, request.get());
  char* data = nullptr;
  const long size = BIO_ctrl(bio, BIO_CTRL_INFO, 0, static_cast<void*>(&data));
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

TEST(Ca, HostGetsItsIdAndClientUseOnly) {
  const auto ca = CertificateAuthority::Create().value();
  const auto key = NewTlsKey().value();
  const auto host = Read(ca.IssueHost(RequestWith(key.get()), SomeHost()).value());
  EXPECT_EQ(X509_check_ca(host.get()), 0);
  EXPECT_EQ(X509_get_extended_key_usage(host.get()), static_cast<std::uint32_t>(XKU_SSL_CLIENT));
  EXPECT_EQ(X509_check_host(host.get(), "controller.example", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_verify(host.get(), X509_get0_pubkey(Read(ca.CertificatePem()).get())), 1);
}

TEST(Ca, WishesOfARequestAreIgnored) {
  const auto ca = CertificateAuthority::Create().value();
  const auto key = NewTlsKey().value();
  const auto host = Read(ca.IssueHost(GreedyRequest(key.get()), SomeHost()).value());
  EXPECT_EQ(X509_check_ca(host.get()), 0) << "a host became a CA";
  EXPECT_EQ(X509_get_extended_key_usage(host.get()), static_cast<std::uint32_t>(XKU_SSL_CLIENT));
  EXPECT_EQ(X509_check_host(host.get(), "controller.example", 0, 0, nullptr), 0) << "a host became the controller";
}

TEST(Ca, HostCertificatesDoNotExpire) {
  const auto ca = CertificateAuthority::Create().value();
  const auto key = NewTlsKey().value();
  const auto host = Read(ca.IssueHost(RequestWith(key.get()), SomeHost()).value());
  constexpr std::time_t kLast = 253402300799;  // 9999-12-31T23:59:59Z
  constexpr std::time_t kFirst = 1577836800;   // 2020-01-01
  EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notAfter(host.get()), kLast), 0);
  EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notBefore(host.get()), kFirst), 0);
}

TEST(Ca, RequestThatItsKeyDidNotSignIsRefused) {
  const auto ca = CertificateAuthority::Create().value();
  const auto key = NewTlsKey().value();
  std::string request = RequestWith(key.get());
  const auto read = RequestFromPem(request).value();
  const auto other = NewTlsKey().value();
  X509_REQ_set_pubkey(read.get(), other.get());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509_REQ(bio, read.get());
  char* data = nullptr;
  const long size = BIO_ctrl(bio, BIO_CTRL_INFO, 0, static_cast<void*>(&data));
  request.assign(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  const auto issued = ca.IssueHost(request, SomeHost());
  ASSERT_FALSE(issued);
  EXPECT_EQ(issued.error().what, "its signature does not hold");
}

TEST(Ca, WeakKeyIsRefused) {
  const auto ca = CertificateAuthority::Create().value();
  const TlsKey weak(EVP_RSA_gen(1024));
  const auto issued = ca.IssueHost(RequestWith(weak.get()), SomeHost());
  ASSERT_FALSE(issued);
  EXPECT_EQ(issued.error().what, "the key is too weak");
}

TEST(Ca, WhatIsNoRequestIsRefused) {
  const auto ca = CertificateAuthority::Create().value();
  EXPECT_FALSE(ca.IssueHost("", SomeHost()));
  EXPECT_FALSE(ca.IssueHost("not PEM", SomeHost()));
  EXPECT_FALSE(ca.IssueHost(ca.CertificatePem(), SomeHost()));
  EXPECT_FALSE(ca.IssueHost(std::string(100000, 'A'), SomeHost()));
}

TEST(Ca, ServerGetsItsNames) {
  const auto ca = CertificateAuthority::Create().value();
  const auto server =
      Read(ca.IssueServer({"controller.example", "192.0.2.1", "2001:db8::1"}, kEndOfTime).value().certificate);
  EXPECT_EQ(X509_check_host(server.get(), "controller.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(server.get(), "192.0.2.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(server.get(), "2001:db8::1", 0), 1);
  EXPECT_EQ(X509_get_extended_key_usage(server.get()), static_cast<std::uint32_t>(XKU_SSL_SERVER));
}

TEST(Ca, AServerCertificateIsKeptWhileItIsGood) {
  const auto ca = CertificateAuthority::Create().value();
  const Instant end = FromUnixSeconds(1900000000);
  const std::vector<std::string> names = {"controller.example", "192.0.2.1"};
  const auto server = ca.IssueServer(names, end).value();
  EXPECT_TRUE(ca.StillGood(server, names, end));
  EXPECT_FALSE(ca.StillGood(server, names, end + Seconds{1})) << "its end is near";
  EXPECT_FALSE(ca.StillGood(server, {"controller.example"}, end)) << "one name less";
  EXPECT_FALSE(ca.StillGood(server, {"controller.example", "192.0.2.1", "a"}, end)) << "one name more";
  EXPECT_FALSE(ca.StillGood(server, {"controller.example", "192.0.2.2"}, end)) << "another name";
  const auto other = CertificateAuthority::Create().value();
  EXPECT_FALSE(other.StillGood(server, names, end)) << "another CA's";
  const auto second = ca.IssueServer(names, end).value();
  EXPECT_FALSE(ca.StillGood({server.certificate, second.key}, names, end)) << "another's key";
  EXPECT_FALSE(ca.StillGood({"nonsense", "nonsense"}, names, end));
}

TEST(Ca, ARenewedCertificateIsShownFromThenOn) {
  const auto ca = CertificateAuthority::Create().value();
  const auto first = ca.IssueServer({"a"}, FromUnixSeconds(1900000000)).value();
  const auto second = ca.IssueServer({"a"}, FromUnixSeconds(1950000000)).value();
  auto tls = ServerTls::ForPeople(first).value();
  const auto shown = [&](const TlsIdentity& identity) {
    return X509_cmp(SSL_CTX_get0_certificate(tls.Native()), Read(identity.certificate).get()) == 0;
  };
  ASSERT_TRUE(shown(first));
  EXPECT_FALSE(tls.Show({second.certificate, first.key})) << "a key that is not its own";
  EXPECT_TRUE(shown(first));
  ASSERT_TRUE(tls.Show(second));
  EXPECT_TRUE(shown(second));
  EXPECT_EQ(SSL_CTX_check_private_key(tls.Native()), 1);
}

TEST(Ca, NamesThatCouldBeMoreThanOneAreRefused) {
  const auto ca = CertificateAuthority::Create().value();
  for (const char* name : {"", "a,DNS:b", "a b", "a\nb", "*.example", "user@example", "URI:curfew:host:a/"}) {
    EXPECT_FALSE(ca.IssueServer({name}, kEndOfTime)) << name;
  }
  EXPECT_FALSE(ca.IssueServer({}, kEndOfTime));
}

TEST(Ca, IsLoadedFromWhatItKept) {
  const auto ca = CertificateAuthority::Create().value();
  const auto again = CertificateAuthority::Load(ca.Pem().value());
  ASSERT_TRUE(again) << again.error().Text();
  EXPECT_EQ(again->CertificatePem(), ca.CertificatePem());
  const auto key = NewTlsKey().value();
  const auto host = Read(again->IssueHost(RequestWith(key.get()), SomeHost()).value());
  EXPECT_EQ(X509_verify(host.get(), X509_get0_pubkey(Read(ca.CertificatePem()).get())), 1);
}

TEST(Ca, KeyOfAnotherIsRefused) {
  const auto ca = CertificateAuthority::Create().value();
  const auto other = CertificateAuthority::Create().value();
  EXPECT_FALSE(CertificateAuthority::Load({ca.CertificatePem(), other.Pem().value().key}));
  EXPECT_FALSE(CertificateAuthority::Load(ca.IssueServer({"a"}, kEndOfTime).value())) << "a server became a CA";
}

}  // namespace
}  // namespace curfew::test
