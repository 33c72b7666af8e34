// SPDX-License-Identifier: Apache-2.0
// Log-ins through the API where others guess, and where the store fails in the middle of one.
#include "controller/api/api.h"
#include "controller/identity/password.h"
#include "os/sqlite.h"
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

constexpr const char* kPassword = "correct horse battery";

class LogIns : public Office {
 protected:
  LogIns()
      : api(*workflow, {"localhost:7444", "", Seconds{3600}, {}}, {}, {[](const HostId&) { return false; }, [] { return std::size_t{0}; }},
            [this] { return Clocks(); }) {
    auto person = *store->FindPerson(*PersonName::Parse("dev1"));
    person.password = *HashPassword(kPassword);
    store->UpdatePerson(person);
  }
  ApiAnswer Begin(const std::string& user, const std::string& password, const std::string& peer) {
    const std::string body = R"({"user": ")" + user + R"(", "password": ")" + password + "\"}";
    return api.Answer({"POST", "/v1/login", {}, "", "", body, peer});
  }
  static int Finish(const ApiAnswer& answer) {
    if (const auto* reply = std::get_if<ApiReply>(&answer)) return reply->status;
    const auto& deferred = std::get<Deferred>(answer);
    deferred.work();
    return deferred.finish().status;
  }
  int LogIn(const std::string& user, const std::string& password, const std::string& peer = "192.0.2.1") {
    return Finish(Begin(user, password, peer));
  }
  void Damage(const std::string& groups) {
    auto database = std::move(*Database::Open(folder.File("store.db")));
    ASSERT_TRUE(database.Run("UPDATE person SET groups = '" + groups + "' WHERE name = 'dev1'"));
  }
  Api api;
};

TEST_F(LogIns, FailuresOfOthersAtTheSameAddressKeepNobodyOut) {
  ASSERT_EQ(LogIn("dev1", kPassword), 200);
  int status = 401;
  for (int i = 0; i < 40 && status == 401; ++i) status = LogIn("nobody" + std::to_string(i), "a wrong password");
  EXPECT_EQ(status, 429) << "the address has failed too often";
  EXPECT_EQ(LogIn("dev1", kPassword), 200);
  EXPECT_EQ(LogIn("dev2", "a wrong password"), 429);
}

TEST_F(LogIns, AClockThatIsSetBackMakesNobodyWaitLonger) {
  while (LogIn("dev1", "a wrong password") == 401) {}
  now -= Seconds{86400};
  EXPECT_EQ(LogIn("dev1", kPassword), 429);
  boot += Seconds{31};
  EXPECT_EQ(LogIn("dev1", kPassword), 200);
}

TEST_F(LogIns, AClockThatIsSetForwardForgivesNothing) {
  while (LogIn("dev1", "a wrong password") == 401) {}
  now += Seconds{86400};
  EXPECT_EQ(LogIn("dev1", kPassword), 429);
}

TEST_F(LogIns, AStoreThatFailsTakesNoPlaceAndAnswersWithAFault) {
  for (int i = 0; i < 40; ++i) {
    const auto begun = Begin("dev1", kPassword, "192.0.2.1");
    ASSERT_TRUE(std::holds_alternative<Deferred>(begun)) << i;
    Damage("no list");
    ASSERT_EQ(Finish(begun), 500) << i;
    Damage("[\"developers\"]");
  }
  EXPECT_EQ(LogIn("dev1", kPassword), 200);
}

}  // namespace
}  // namespace curfew::test
