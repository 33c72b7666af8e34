// SPDX-License-Identifier: Apache-2.0
// The table form: aligned, complete, the line to copy in it, and nothing in it that a terminal obeys.
#include "cli/texts.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "cli/decode.h"
#include "cli/table.h"
#include "core/names.h"
#include "tests/cli/sample.h"

namespace curfew {
namespace {

RequestView Sample() { return *DecodeRequest(boost::json::parse(kRequestJson)); }

TEST(TableText, AlignsByCharactersNotBytes) {
  EXPECT_EQ(TableText({{"A", "BB"}, {{"größer", "x"}, {"", "y"}}}), "A       BB\ngrößer  x\n-       y\n");
}

RC_GTEST_PROP(TableText, NothingInACellReachesTheTerminal, (const std::string& cell)) {
  const std::string text = TableText({{"A"}, {{cell}}});
  RC_ASSERT(std::count(text.begin(), text.end(), '\n') == 2);
  for (const char byte : text) RC_ASSERT(byte == '\n' || static_cast<unsigned char>(byte) >= 0x20);
}

TEST(TableText, NoCellHasTheTwoBlanksThatEndOne) {
  for (const char* blanks : {"  ", "\u00a0\u00a0", " \u2003 ", "\u2800\u3164", " \u200b "}) {
    EXPECT_EQ(TableText({{"A", "B"}, {{std::string("x") + blanks + "y", "z"}}}), "A    B\nx y  z\n");
  }
}

TEST(Texts, WhatIsGranted) {
  WhatView what;
  EXPECT_EQ(WhatText(what), "nothing");
  what.login = true;
  EXPECT_EQ(WhatText(what), "login");
  what.sudo = AllCommands{};
  what.runas = "root";
  EXPECT_EQ(WhatText(what), "login, sudo ALL");
  what.sudo = std::vector<Argv>{{"/bin/a", "b"}, {"/bin/c"}};
  what.runas = "www-data";
  EXPECT_EQ(WhatText(what), "login, sudo /bin/a b | /bin/c as www-data");
}

TEST(Texts, AnApprovedRequestPrintsTheLineToCopy) {
  EXPECT_EQ(LinesToCopy(Sample()), "  ssh dev1@host1\n");  // not host2: it ended there
  EXPECT_NE(SummaryText(Sample(), true).find("  ssh dev1@host1\n"), std::string::npos);
}

TEST(Texts, APendingRequestSaysWhatToTypeNext) {
  RequestView request = Sample();
  request.state = "pending";
  request.grants.clear();
  const std::string text = SummaryText(request, true);
  EXPECT_NE(text.find("`curfew approve r-0000000000000000000a`"), std::string::npos) << text;
  EXPECT_NE(text.find("`curfew withdraw r-0000000000000000000a`"), std::string::npos) << text;
}

TEST(Texts, AnUnconfirmedEndIsLoudInEveryForm) {
  const RequestView request = Sample();
  for (const std::string& text :
       {SummaryText(request, true), DetailText(request, true), RequestsText({request}, true)}) {
    EXPECT_NE(text.find("UNCONFIRMED"), std::string::npos) << text;
    EXPECT_NE(text.find("2026-11-22 18:00:05Z"), std::string::npos) << text;
  }
}

TEST(Texts, AnEndThatIsNotProvedIsNotShownAsDone) {
  const std::string text = DetailText(Sample(), true);
  EXPECT_NE(text.find("ending"), std::string::npos) << text;
  EXPECT_EQ(text.find("2026-11-22 17:30:00Z"), std::string::npos) << text;
  EXPECT_NE(text.find("curfew-controller revocation g-0000000000000000000b"), std::string::npos) << text;
}

TEST(Texts, DetailShowsDecisionsHistoryAndSurvivors) {
  const std::string text = DetailText(Sample(), true);
  for (const char* part :
       {"lead1 approve: ok", "submitted", "sleep 9", "cron.service", "OPS-1", "web-root", "1h", "revoked"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
}

TEST(Texts, AHostileReasonStaysOneLine) {
  RequestView request = Sample();
  request.reason = "x\n\x1b[2Jroot ok";
  const std::string text = RequestsText({request}, true);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Texts, AReasonMakesNoRowOfItsOwn) {
  RequestView request = Sample();
  const std::string row = "r-0000000000000000000b  active  lead1  root  host1  login, sudo ALL";
  request.reason = "ok" + std::string(160, ' ') + row;
  const std::string text = RequestsText({request}, true);
  EXPECT_NE(text.find("ok r-0000000000000000000b active lead1 root host1 login, su…\n"), std::string::npos) << text;
  EXPECT_NE(DetailText(request, true).find(request.reason), std::string::npos) << "whoever decides must see all of it";
}

TEST(Texts, AReasonIsCutBetweenCharacters) {
  RequestView request = Sample();
  for (int i = 0; i < 60; ++i) request.reason = (i == 0 ? "" : request.reason) + "ö";
  EXPECT_NE(RequestsText({request}, true).find(request.reason + "\n"), std::string::npos);
  request.reason += "ö";
  const std::string cut = request.reason.substr(0, 2 * 59) + "…\n";
  EXPECT_NE(RequestsText({request}, true).find(cut), std::string::npos) << RequestsText({request}, true);
}

TEST(Texts, AHostWithAMissingLayerSaysWhich) {
  HostView host;
  host.name = "host1";
  host.layers = {{"pam", true}, {"reaper", false}};
  host.tainted = true;
  const std::string text = HostsText({host}, true);
  EXPECT_NE(text.find("1/2 without reaper"), std::string::npos) << text;
  EXPECT_NE(text.find("TAINTED"), std::string::npos) << text;
}

TEST(Texts, TheControllersOwnEventsHaveItsName) {
  EventView event;
  event.kind = "receipt";
  EXPECT_NE(EventsText({event}, true).find("(controller)"), std::string::npos);
}

TEST(Texts, AHostThatIsCalledControllerIsNotTakenForTheController) {
  EXPECT_FALSE(HostName::Parse(kControllerItself)) << "a host can be called what the controller is called";
  EventView event;
  event.host = "controller";
  EXPECT_EQ(EventsText({event}, true).find(kControllerItself), std::string::npos);
}

}  // namespace
}  // namespace curfew
