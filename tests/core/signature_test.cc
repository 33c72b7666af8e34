// SPDX-License-Identifier: Apache-2.0
// A2: all vectors of Wycheproof through the product's own verify function; and keys, ids and hashes against published values.
#include "core/signature.h"

#include <fstream>
#include <iterator>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "tests/core/trust_world.h"

namespace curfew::test {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string Text(const boost::json::value& value) { return std::string(value.as_string()); }

TEST(Signature, A2WycheproofMatchesExactly) {
  std::ifstream file("tests/vectors/ed25519_test.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const boost::json::value vectors = boost::json::parse(text);
  std::size_t seen = 0;
  for (const auto& group : vectors.at("testGroups").as_array()) {
    const auto key = PublicKey::FromBytes(FromHex(Text(group.at("publicKey").at("pk")))).value();
    for (const auto& test : group.at("tests").as_array()) {
      const bool holds = VerifySignature(key, FromHex(Text(test.at("msg"))), FromHex(Text(test.at("sig"))));
      EXPECT_EQ(holds, Text(test.at("result")) == "valid") << test.at("tcId") << ": " << Text(test.at("comment"));
      ++seen;
    }
  }
  EXPECT_EQ(seen, 151U);
}

// RFC 8032 §7.1, TEST 1.
TEST(Signature, SignsAsTheRfcDoes) {
  const auto key =
      PrivateKey::FromSeed(FromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")).value();
  EXPECT_EQ(key.Public().Raw(), FromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  const Signature signature = key.Sign("").value();
  EXPECT_EQ(std::string(signature.value.begin(), signature.value.end()),
            FromHex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd"
                    "25bf5f0595bbe24655141438e7a100b"));
}


TEST(Signature, AKeyIsKnownByItsAlgorithmToo) {
  const PublicKey key = KeyNamed("one").Public();
  EXPECT_EQ(key.Id().Raw(), Sha256("ed25519" + std::string(key.Raw())).Raw());
}

// FIPS 180-2, appendix B.1.
TEST(Signature, HashesAsTheStandardDoes) {
  EXPECT_EQ(Sha256("abc").Hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Signature, AMovedKeyIsWipedWhereItWas) {
  PrivateKey from = KeyNamed("one");
  const PrivateKey to = std::move(from);
  EXPECT_EQ(from.Seed(), std::string(32, '\0'));  // NOLINT: looks on purpose
  EXPECT_EQ(to.Seed(), Sha256("one").Raw());
  PrivateKey other = KeyNamed("two");
  PrivateKey target = KeyNamed("three");
  target = std::move(other);
  EXPECT_EQ(other.Seed(), std::string(32, '\0'));  // NOLINT: looks on purpose
  EXPECT_EQ(target.Public(), KeyNamed("two").Public());
}

TEST(Signature, KeysAndSeedsHaveOneLength) {
  for (const std::size_t length : {0U, 31U, 33U, 64U}) {
    EXPECT_FALSE(PublicKey::FromBytes(std::string(length, 'k')));
    EXPECT_FALSE(PrivateKey::FromSeed(std::string(length, 'k')));
  }
}

TEST(Signature, GeneratedKeysDifferAndSign) {
  const auto one = PrivateKey::Generate().value();
  const auto two = PrivateKey::Generate().value();
  EXPECT_NE(one.Public(), two.Public());
  const auto sealed = Seal(Purpose::kBundle, "body", one).value();
  EXPECT_EQ(Outcome(Verify(sealed, Purpose::kBundle, Role{1, {one.Public()}})), "allowed");
  EXPECT_EQ(Outcome(Verify(sealed, Purpose::kBundle, Role{1, {two.Public()}})), "bad-signature");
}

TEST(Signature, RandomBytesAreAsManyAsAskedFor) {
  EXPECT_EQ(RandomBytes(16).value().size(), 16U);
  EXPECT_NE(RandomBytes(16).value(), RandomBytes(16).value());
  EXPECT_FALSE(RandomBytes(std::size_t{1} << 32U));
}

}  // namespace
}  // namespace curfew::test
