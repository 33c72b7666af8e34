// SPDX-License-Identifier: Apache-2.0
// What a host says when it joins, and how it judges the answer: nothing that the root did not sign, nothing about
// another host, no certificate for another key.
#include "agent/tool/enrolment.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "controller/identity/ca.h"
#include "core/base64.h"
#include "core/codec.h"
#include "os/pem.h"

namespace curfew::test {
namespace {

namespace json = boost::json;

std::string Text(const json::value& value) { return std::string(value.as_string()); }

class Enrolling : public ::testing::Test {
 protected:
  Enrolling()
      : keys{PrivateKey::Generate().value(), PrivateKey::Generate().value()},
        root(PrivateKey::Generate().value()),
        ca(CertificateAuthority::Create().value()),
        host(HostId::FromBytes(keys.identity.Public().Id().Raw()).value()) {
    const auto key = NewTlsKey().value();
    link_key = ToPem(key.get()).value();
    request = NewRequestPem(key.get()).value();
    RoleTable table;
    table.version = 1;
    for (const auto purpose : {Purpose::kRoles, Purpose::kBundle}) {
      table.roles[purpose] = Role{1, {purpose == Purpose::kRoles ? root.Public() : keys.audit.Public()}};
    }
    answer["host_id"] = host.Hex();
    answer["certificate"] = ca.IssueHost(request, host).value();
    answer["ca"] = ca.CertificatePem();
    answer["agents"] = "controller.example:7444";
    answer["root_keys"] = json::array{json::value(EncodeBase64(root.Public().Raw()))};
    answer["root_threshold"] = 1;
    answer["roles"] = EncodeBase64(Seal(Purpose::kRoles, EncodeRoleTable(table), root).value());
  }
  [[nodiscard]] Result<Enrolment> Read() const { return ReadEnrolment(json::serialize(answer), host, link_key); }

  HostKeys keys;
  PrivateKey root;
  CertificateAuthority ca;
  HostId host;
  std::string link_key;
  std::string request;
  json::object answer;
};

TEST_F(Enrolling, IdentityKeySignsWhatIsAsked) {
  const auto body = WriteEnrolment({HostName::Parse("host1").value(), "secret", request}, keys).value();
  const auto said = json::parse(body).as_object();
  const std::string signed_text =
      "curfew enrolment v1\nhost1\n" + Text(said.at("audit_key")) + "\n" + Text(said.at("csr"));
  const auto proof = DecodeBase64(Text(said.at("identity_proof"))).value();
  const auto identity = PublicKey::FromBytes(DecodeBase64(Text(said.at("identity_key"))).value()).value();
  EXPECT_EQ(identity, keys.identity.Public());
  EXPECT_TRUE(VerifySignature(identity, signed_text, proof));
  EXPECT_EQ(Text(said.at("token")), "secret");
}

TEST_F(Enrolling, GoodAnswerIsRead) {
  const auto read = Read();
  ASSERT_TRUE(read) << read.error().Text();
  EXPECT_EQ(read->agents, (Endpoint{"controller.example", 7444}));
  EXPECT_EQ(read->root.keys, std::vector<PublicKey>{root.Public()});
}

TEST_F(Enrolling, AnswerAboutAnotherHostIsRefused) {
  answer["host_id"] = std::string(64, 'b');
  ASSERT_FALSE(Read());
  EXPECT_EQ(Read().error().code, Errc::kRefused);
}

TEST_F(Enrolling, CertificateForAnotherKeyIsRefused) {
  const auto other = NewTlsKey().value();
  answer["certificate"] = ca.IssueHost(NewRequestPem(other.get()).value(), host).value();
  EXPECT_FALSE(Read());
}

TEST_F(Enrolling, RolesThatTheRootDidNotSignAreRefused) {
  const auto other = PrivateKey::Generate().value();
  answer["root_keys"] = json::array{json::value(EncodeBase64(other.Public().Raw()))};
  ASSERT_FALSE(Read());
  EXPECT_EQ(Read().error().code, Errc::kRefused);
}

TEST_F(Enrolling, ThresholdMustBeWithinTheKeys) {
  for (const std::int64_t threshold : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{2}, std::int64_t{1} << 33U}) {
    answer["root_threshold"] = threshold;
    EXPECT_FALSE(Read()) << threshold;
  }
}

TEST_F(Enrolling, EveryPartIsNeeded) {
  for (const auto& part : json::object(answer)) {
    const auto kept = answer;
    answer.erase(part.key());
    EXPECT_FALSE(Read()) << part.key();
    answer[part.key()] = nullptr;
    EXPECT_FALSE(Read()) << part.key();
    answer = kept;
  }
  EXPECT_FALSE(ReadEnrolment("", host, link_key));
  EXPECT_FALSE(ReadEnrolment("[]", host, link_key));
}

TEST(Problem, IsSaidInOneLine) {
  EXPECT_EQ(ProblemText(403, R"({"title":"token refused","detail":"used up"})"), "token refused: used up");
  EXPECT_EQ(ProblemText(403, R"({"title":"token refused","detail":"used up","hint":"make one"})"), "token refused: used up; make one");
  EXPECT_EQ(ProblemText(403, R"({"title":"a\nb"})"), "a\\x0ab");
  EXPECT_EQ(ProblemText(502, "<html>"), "HTTP 502");
  EXPECT_LE(ProblemText(403, "{\"title\":\"" + std::string(10000, 'x') + "\"}").size(), 600U);
}

}  // namespace
}  // namespace curfew::test
