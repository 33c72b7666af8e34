// SPDX-License-Identifier: Apache-2.0
// A3: this program is linked with --wrap=EVP_DigestVerify, so that what libcrypto returns can be chosen. Only 1 accepts.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "tests/core/trust_world.h"

namespace {

// What the next calls return; the test's own thread alone reads and writes it.
int& ForcedAnswer() {
  static int answer = 1;
  return answer;
}

int& Calls() {
  static int calls = 0;
  return calls;
}

}  // namespace

extern "C" int __wrap_EVP_DigestVerify(EVP_MD_CTX*, const unsigned char*, std::size_t, const unsigned char*, std::size_t) {  // NOLINT: the linker's name
  ++Calls();
  if (ForcedAnswer() != 1) ERR_raise(ERR_LIB_EVP, EVP_R_OPERATON_NOT_INITIALIZED);
  return ForcedAnswer();
}

namespace curfew::test {
namespace {

TEST(SignatureFault, A3OnlyOneAccepts) {
  const auto sealed = SealBy(Purpose::kBundle, "body", {"one"});
  for (const int answer : {0, -1, -2, 2, 256, 1}) {
    ForcedAnswer() = answer;
    const int before = Calls();
    EXPECT_EQ(VerifySignature(KeyNamed("one").Public(), "body", std::string(64, 's')), answer == 1) << answer;
    EXPECT_EQ(Outcome(Verify(sealed, Purpose::kBundle, RoleOf(1, {"one"}))), answer == 1 ? "allowed" : "bad-signature")
        << answer;
    EXPECT_EQ(Calls(), before + 2);
    EXPECT_EQ(ERR_peek_error(), 0UL) << "TLS on this thread would take it for its own";
  }
}

}  // namespace
}  // namespace curfew::test
