// SPDX-License-Identifier: Apache-2.0
// Keys as text: restricted first, dated always, and nothing in from= but networks (E3, E4).
#include "core/authorized_keys.h"

#include <gtest/gtest.h>

#include "tests/core/law.h"

namespace curfew::test {
namespace {

std::string TextOf(std::size_t key) { return Key(key).Text(); }

std::vector<KeyLine> RandomLines(Dice& dice) {
  const Bundle bundle = RandomBundle(dice, 6);
  HostFacts facts;
  for (std::size_t i = 0; i < Accounts().size(); ++i) facts.users.emplace(Accounts()[i], static_cast<Uid>(1001 + i));
  const Access access = DesiredState(bundle, facts, Now{Hour(4), BootInstant{}}).access;
  const auto lines = access.keys.find(dice.Pick(Accounts()));
  return lines == access.keys.end() ? std::vector<KeyLine>{} : lines->second;
}

TEST(Keys, TheTextIsExactlyThis) {
  EXPECT_EQ(RenderKeys({KeyLine{Id(1), Key(1), {}, Hour(4)}, KeyLine{Id(1), Key(2), {}, Hour(4)},
                        KeyLine{Id(2), Key(1), {"192.0.2.0/24", "2001:db8::1"}, Hour(5)}}),
            "# curfew g-00000000000000000001 until 2026-11-22T04:00:00Z\n"
            "restrict,pty,expiry-time=\"20261122035959Z\" " +
                TextOf(1) + "\nrestrict,pty,expiry-time=\"20261122035959Z\" " + TextOf(2) +
                "\n# curfew g-00000000000000000002 until 2026-11-22T05:00:00Z\n"
                "restrict,pty,from=\"192.0.2.0/24,2001:db8::1\",expiry-time=\"20261122045959Z\" " +
                TextOf(1) + "\n");
}

TEST(Keys, NoLinesIsNoText) { EXPECT_EQ(RenderKeys({}), ""); }

TEST(KeysLaw, ReadingWhatWasWrittenGivesTheSameLines) {
  Law("parse(render(lines)) is lines", [](Dice& dice) {
    const std::vector<KeyLine> lines = RandomLines(dice);
    const auto read = ParseKeys(RenderKeys(lines));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == lines);
  });
}

TEST(KeysLaw, WhatIsReadIsExactlyWhatWouldBeWritten) {
  Law("a changed text is refused, or is byte for byte the text of what was read", [](Dice& dice) {
    static const std::string kBytes = "01Zzg#\",= \t\n\r/+A\xff";
    std::string text = RenderKeys(RandomLines(dice)) + "\n";
    const std::size_t at = dice.Roll(text.size());
    if (dice.OneIn(3))
      text.erase(at, 1 + dice.Roll(30));
    else if (dice.OneIn(2))
      text.insert(at, 1, dice.Pick(std::vector<char>(kBytes.begin(), kBytes.end())));
    else
      text.insert(at, text.substr(dice.Roll(text.size()), 1 + dice.Roll(90)));
    const auto read = ParseKeys(text);
    if (read) RC_ASSERT(RenderKeys(*read) == text);
  });
}

TEST(KeysLaw, E4EachLineIsRestrictedFirstAndDated) {
  Law("a line is a header, or restrict, pty, from, expiry-time, type and key, in that order", [](Dice& dice) {
    std::string_view text;
    const std::string whole = RenderKeys(RandomLines(dice));
    text = whole;
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(line.size() + 1);
      if (line.starts_with("# curfew g-")) continue;
      RC_ASSERT(line.starts_with("restrict,pty,from=\"") || line.starts_with("restrict,pty,expiry-time=\""));
      const std::string_view options = line.substr(0, line.find("\" ssh-") + 1);
      RC_ASSERT(options.substr(options.size() - 2) == "Z\"");
      for (const char* wider :
           {"agent-", "port-", "X11-", "user-rc", "tunnel", "permit", "command", "environment", "cert-"}) {
        RC_ASSERT(options.find(wider) == std::string_view::npos);
      }
    }
  });
}

TEST(Keys, AnEditThatWidensIsRefused) {
  const std::string text = RenderKeys({KeyLine{Id(1), Key(1), {"192.0.2.0/24"}, Hour(4)}});
  const auto edited = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    return changed.replace(changed.find(from), from.size(), to);
  };
  for (const std::string& changed : {edited("restrict,", ""),
                                     edited("restrict,pty", "restrict,pty,port-forwarding"),
                                     edited("restrict,pty", "pty,restrict"),
                                     edited("pty,", "pty,command=\"/bin/sh\","),
                                     edited("20261122035959Z", "20361122035959Z"),
                                     edited("59Z", "59"),
                                     edited("expiry-time=\"20261122035959Z\" ", ""),
                                     edited("2026-11-22T04", "2036-11-22T04"),
                                     edited("from=\"192.0.2.0/24\",", "from=\"192.0.2.0/24\",from=\"0.0.0.0/0\","),
                                     edited("192.0.2.0/24", "!192.0.2.0/24"),
                                     edited("192.0.2.0/24", "*"),
                                     edited("192.0.2.0/24", "192.0.2.0/24,*"),
                                     edited("192.0.2.0/24", ""),
                                     text + TextOf(2) + "\n",
                                     TextOf(2) + "\n" + text,
                                     text + "\n",
                                     edited("# curfew", "#curfew"),
                                     text.substr(0, text.size() - 1),
                                     edited("ssh-ed25519 ", "ssh-ed25519  "),
                                     edited("\n", "\r\n")}) {
    EXPECT_FALSE(ParseKeys(changed).has_value()) << changed;
  }
}

// E3: sshd drops a line with a bad from= without a word; so none is ever written.
TEST(Keys, E3OnlyNetworksAreSources) {
  for (const std::string& bad : {std::string("!192.0.2.0/24"),
                                 std::string("192.0.2.1/24"),
                                 std::string("192.0.2.0/33"),
                                 std::string("192.0.2.0/"),
                                 std::string("192.0.2.0/08"),
                                 std::string("192.0.2.0/-1"),
                                 std::string("192.0.2.0/+8"),
                                 std::string("192.0.2"),
                                 std::string("192.0.2.0/24\""),
                                 std::string("192.0.2.0/24\\\""),
                                 std::string("192.0.2.1,192.0.2.2"),
                                 std::string("192.0.2.1\n"),
                                 std::string(" 192.0.2.1"),
                                 std::string("192.0.2.*"),
                                 std::string("*"),
                                 std::string("host1"),
                                 std::string("host1.example.com"),
                                 std::string(""),
                                 std::string("/"),
                                 std::string("/24"),
                                 std::string("2001:db8::1/32"),
                                 std::string("2001:db8::/129"),
                                 std::string("fe80::1%eth0"),
                                 std::string("::ffff:192.0.2.1"),
                                 std::string("::ffff:0:0/96"),
                                 std::string("0x7f000001"),
                                 std::string("192.0.2.0/24 "),
                                 std::string("192.0.2.1\0", 10),
                                 std::string(8192, '1'),
                                 std::string("127.1"),
                                 std::string("192.000.002.001")}) {
    const auto source = ParseSource(bad);
    ASSERT_FALSE(source.has_value()) << bad;
    EXPECT_EQ(source.error().code, Errc::kMalformed);
    EXPECT_LT(source.error().Text().size(), 512U) << "an error is one short line";
  }
}

TEST(Keys, SourcesHaveOneSpelling) {
  for (const auto& [given, written] :
       std::vector<std::pair<std::string, std::string>>{{"192.0.2.1", "192.0.2.1"},
                                                        {"192.0.2.1/32", "192.0.2.1"},
                                                        {"10.0.0.0/8", "10.0.0.0/8"},
                                                        {"0.0.0.0/0", "0.0.0.0/0"},
                                                        {"192.0.2.128/25", "192.0.2.128/25"},
                                                        {"2001:DB8:0:0::1", "2001:db8::1"},
                                                        {"2001:db8::/32", "2001:db8::/32"},
                                                        {"::/0", "::/0"}}) {
    EXPECT_EQ(ParseSource(given).value(), written);
    EXPECT_EQ(ParseSource(written).value(), written);
  }
}

}  // namespace
}  // namespace curfew::test
