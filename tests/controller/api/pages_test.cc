// SPDX-License-Identifier: Apache-2.0
// What one question may cost: rows read for a list, and how often monitoring is counted anew.
#include <boost/json.hpp>

#include "controller/api/api.h"
#include "controller/workflow/grants.h"
#include "core/signature.h"
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Pages : public Office {
 protected:
  Pages()
      : api(*workflow, {"localhost:7444", "", Seconds{3600}, {}}, {}, {[](const HostId&) { return false; }, [] { return std::size_t{0}; }},
            [this] { return Clocks(); }) {
    for (const char* name : {"dev1", "dev2", "audit1"}) store->AddSession(Sha256(name), {*PersonName::Parse(name), now + Seconds{3600}});
  }
  ApiReply Get(const std::string& person, const std::string& path, const std::map<std::string, std::string>& query = {}) {
    return std::get<ApiReply>(api.Answer({"GET", path, query, person, "", "", "192.0.2.1"}));
  }
  /// How many items, and where it goes on.
  std::pair<std::size_t, std::string> Page(const std::string& person, const std::string& path, std::map<std::string, std::string> query) {
    const auto page = boost::json::parse(Get(person, path, query).body);
    const auto& next = page.at("next");
    return {page.at("items").as_array().size(), next.is_null() ? std::string() : std::string(next.as_string())};
  }
  void AddRequests(const std::string& person, int count) {
    for (int i = 0; i < count; ++i) {
      RequestRecord request{*RequestId::Parse(NewId("r-")), RequestState::kPending, *PersonName::Parse(person), *AccountName::Parse("dev1")};
      store->AddRequest(request);
    }
  }
  Api api;
};

TEST_F(Pages, AListOfWhatOneMayNotSeeIsCutShortAndGoesOn) {
  const auto unit = store->Begin();
  AddRequests("dev1", 1);
  AddRequests("dev2", 2500);
  const auto [items, next] = Page("dev1", "/v1/requests", {{"limit", "1"}});
  EXPECT_EQ(items, 0U) << "two thousand rows of somebody else's";
  ASSERT_FALSE(next.empty());
  const auto [more, end] = Page("dev1", "/v1/requests", {{"limit", "500"}, {"cursor", next}});
  EXPECT_EQ(more, 1U);
  EXPECT_TRUE(end.empty());
}

TEST_F(Pages, FollowingTheCursorGivesEachOnce) {
  const auto unit = store->Begin();
  AddRequests("dev1", 7);
  std::size_t seen = 0;
  std::string cursor = "0";
  for (int page = 0; page < 10 && !cursor.empty(); ++page) {
    const auto [items, next] = Page("dev1", "/v1/requests", {{"limit", "2"}, {"cursor", cursor}});
    seen += items;
    cursor = next;
  }
  EXPECT_EQ(seen, 7U);
  EXPECT_TRUE(cursor.empty());
}

TEST_F(Pages, TheLogIsReadInWindows) {
  EventFilter filter;
  filter.window = 3;
  const auto all = Log();
  ASSERT_GT(all.size(), 0U);
  for (int i = 0; i < 10; ++i) static_cast<void>(workflow->LoadPolicy("version: 1\nmanaged: []\npolicies: []\n", "p", "admin", now));
  EXPECT_EQ(store->Events(filter).size(), 3U);
  EXPECT_EQ(store->LastPlace(), static_cast<std::int64_t>(all.size()) + 10);
}

TEST_F(Pages, AnEventSaysWhichHostsChainItIsInWhateverThatWasCalled) {
  std::vector<std::string> sources;
  for (int i = 0; i < 2; ++i) {
    TestHost& host = Enrol("web1");
    sources.push_back(host.Id().Hex());
    host.Say(EventKind::kTaint, now);
    ASSERT_EQ(HandIn(host), "ok");
    ASSERT_TRUE(Remove("web1"));
    ASSERT_TRUE(store->DropToken("t-web1"));
  }
  std::vector<std::string> said;
  const auto page = boost::json::parse(Get("audit1", "/v1/audit", {{"limit", "500"}}).body);
  for (const auto& event : page.at("items").as_array()) {
    EXPECT_EQ(event.at("source").is_null(), event.at("host").is_null());
    if (!event.at("source").is_null()) said.emplace_back(event.at("source").as_string());
  }
  EXPECT_EQ(said, sources);
}

TEST_F(Pages, MonitoringIsCountedOnceInTenSeconds) {
  const std::string before = Get("", "/metrics").body;
  EXPECT_NE(before.find("curfew_hosts{online=\"false\"} 0"), std::string::npos) << before;
  Enrol("host1");
  EXPECT_EQ(Get("", "/metrics").body, before);
  Pass(Seconds{10});
  EXPECT_NE(Get("", "/metrics").body.find("curfew_hosts{online=\"false\"} 1"), std::string::npos);
}

TEST_F(Pages, OfAPersonsMessagesTheNewestAreKept) {
  Enrol("host1");
  const auto request = MustAsk("dev1", {"host1"});
  for (const char* person : {"dev2", "dev1"}) {
    for (int i = 1; i <= 105; ++i) store->AddNotice({0, *PersonName::Parse(person), request.id, now, "message " + std::to_string(i)});
  }
  for (const char* person : {"dev1", "dev2"}) {
    const auto notices = boost::json::parse(Get(person, "/v1/me").body).at("notices").as_array();
    ASSERT_EQ(notices.size(), 100U) << person;
    EXPECT_EQ(notices.front().at("text"), "message 6");
    EXPECT_EQ(notices.back().at("text"), "message 105");
  }
}

TEST_F(Pages, AClockThatIsSetBackHidesNoRefusalForLongerThanTheLogCanBear) {
  const auto refused = [&] {
    static_cast<void>(Get("dev1", "/v1/requests", {{"view", "nonsense"}}));
    return Count("reject");
  };
  while (refused() < 50) {}
  ASSERT_EQ(refused(), 50U) << "as many as the log can bear at once";
  now -= Seconds{3600};
  boot += Seconds{1};
  EXPECT_EQ(refused(), 51U);
  EXPECT_NE(Log().back().detail.find("(and 1 more before)"), std::string::npos) << Log().back().detail;
}

}  // namespace
}  // namespace curfew::test
