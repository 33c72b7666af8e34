// SPDX-License-Identifier: Apache-2.0
// A9 at its root: what may be a name, what may be shown, and that refusing a text never repeats its harm.
#include "core/names.h"

#include <numeric>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/plain_text.h"
#include "tests/core/trust_world.h"

namespace curfew::test {
namespace {

const std::vector<std::string>& A9Texts() {
  static const std::vector<std::string> kAll{
      "", ".", "..", "/", "a/b", "../a", "a\n", "a\r", std::string("a\0", 2), std::string("\0", 1), "a b", " a", "a\xe2\x80\xa8",
      "a\xe2\x80\xae", "\xff", "\xc3\xbc", "a\x1b[0m", "a\\", "a'", "a\"", "a$b", "a`b", "a;b", "a*", "a?", "a~", "a:b", "a=b", "a!b",
      "a|b", "a&b", "a<b", "a(b", "a{b", "a[b", "a^b", "a\t", std::string(4096, 'a')};
  return kAll;
}

template <class T>
bool Takes(std::string_view text) {
  const auto parsed = T::Parse(text);
  EXPECT_TRUE(!parsed || parsed->Text() == text);
  return parsed.has_value();
}

TEST(Names, A9NoNameIsHarmful) {
  for (const std::string& text : A9Texts()) {
    EXPECT_FALSE(Takes<AccountName>(text)) << Escaped(text);
    EXPECT_FALSE(Takes<PersonName>(text)) << Escaped(text);
    EXPECT_FALSE(Takes<HostName>(text)) << Escaped(text);
    EXPECT_FALSE(Takes<GrantId>(text)) << Escaped(text);
    EXPECT_FALSE(Takes<RequestId>(text)) << Escaped(text);
  }
}

TEST(Names, Accounts) {
  for (const char* text : {"dev1", "first.last", "_apt", "Dev", "a", "a-b", "a_b", "deploy-", "ALLY", "all", "A.L.L"}) {
    EXPECT_TRUE(Takes<AccountName>(text)) << text;
  }
  for (const char* text : {"ALL", "a,b", "%sudo", "#0", "#1001", "+group", "-dev", "1dev", ".dev", "dev.", "dev@host", "a%b", "root "}) {
    EXPECT_FALSE(Takes<AccountName>(text)) << text;
  }
  EXPECT_TRUE(Takes<AccountName>(std::string(32, 'a')));
  EXPECT_FALSE(Takes<AccountName>(std::string(33, 'a')));
}

TEST(Names, People) {
  for (const char* text : {"dev1", "anna@example.com", "a+b", "1st", "group-of_people.x"}) EXPECT_TRUE(Takes<PersonName>(text)) << text;
  for (const char* text : {"@a", "-a", "+a", ".a", "a,b", "group:leads", "a%"}) EXPECT_FALSE(Takes<PersonName>(text)) << text;
  EXPECT_TRUE(Takes<PersonName>(std::string(128, 'a')));
  EXPECT_FALSE(Takes<PersonName>(std::string(129, 'a')));
}

TEST(Names, Hosts) {
  for (const char* text : {"host1", "host1.example.com", "1", "a-b"}) EXPECT_TRUE(Takes<HostName>(text)) << text;
  for (const char* text : {"Host1", "-a", "a-", "a..b", ".a", "a.", "a.-b", "a_b", "a-.b"}) EXPECT_FALSE(Takes<HostName>(text)) << text;
  EXPECT_TRUE(Takes<HostName>(std::string(63, 'a')));
  EXPECT_FALSE(Takes<HostName>(std::string(64, 'a')));
  const std::string label(62, 'a');
  EXPECT_TRUE(Takes<HostName>(label + "." + label + "." + label + "." + label + ".a"));    // 253
  EXPECT_FALSE(Takes<HostName>(label + "." + label + "." + label + "." + label + ".aa"));  // 254
}

TEST(Names, Ids) {
  EXPECT_TRUE(Takes<GrantId>("g-0123456789abcdefghij"));
  EXPECT_TRUE(Takes<RequestId>("r-0123456789abcdefghij"));
  for (const char* text : {"r-0123456789abcdefghij", "g-0123456789abcdefghi", "g-0123456789abcdefghijk", "g-0123456789abcdefghiJ",
                           "g_0123456789abcdefghij", "g-0123456789abcdefghi.", "g-0123456789abcdefghi~"}) {
    EXPECT_FALSE(Takes<GrantId>(text)) << text;
  }
}

TEST(Names, ARefusalRepeatsNoHarm) {
  for (const std::string& text : A9Texts()) {
    const std::string sentence = AccountName::Parse(text).error().Text();
    EXPECT_TRUE(IsPlainText(sentence, 512)) << Escaped(sentence);
  }
  EXPECT_EQ(AccountName::Parse("a\nroot").error().what, "\"a\\x0aroot\" is not allowed");
}

TEST(Names, DigestsInHexAndRaw) {
  const std::string hex = "00ff10a1" + std::string(56, '7');
  const auto digest = ContentHash::FromHex(hex).value();
  EXPECT_EQ(digest.Hex(), hex);
  EXPECT_EQ(ContentHash::FromBytes(digest.Raw()).value(), digest);
  EXPECT_EQ(digest.Raw().substr(0, 4), std::string_view("\x00\xff\x10\xa1", 4));
  for (const std::string& text : {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A'), std::string(63, 'a') + "g"}) {
    EXPECT_FALSE(ContentHash::FromHex(text)) << text;
  }
  EXPECT_FALSE(ContentHash::FromBytes(std::string(31, 'a')));
  EXPECT_FALSE(ContentHash::FromBytes(std::string(33, 'a')));
}

TEST(PlainText, A9WhatMayBeShown) {
  for (const char* text : {"", "plain", "ümlaut €", "\xf0\x9f\x94\x91", "tab-less \\ \" '", "\xc2\xa0"}) {
    EXPECT_TRUE(IsPlainText(text, 64)) << text;
  }
  for (const std::string& text :
       {std::string("\0", 1), std::string("\n"), std::string("\x1b"), std::string("\x7f"), std::string("\xc2\x80"),
        std::string("\xc2\x9f"), std::string("\xe2\x80\xa8"), std::string("\xe2\x80\xa9"), std::string("\xe2\x80\xaa"),
        std::string("\xe2\x80\xae"), std::string("\xe2\x81\xa6"), std::string("\xe2\x81\xa9"), std::string("\xd8\x9c"),
        std::string("\xe2\x80\x8f")}) {
    EXPECT_FALSE(IsPlainText("a" + text + "b", 64)) << Escaped(text);
  }
  for (const char* text : {"\x80", "\x82\x80", "\xbf\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
                           "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff", "\xc3", "\xe2\x82",
                           "\xf0\x9f\x94", "\xc3(", "\xe2(\xa1"}) {
    EXPECT_FALSE(IsPlainText(text, 64)) << Escaped(text);
    EXPECT_FALSE(IsPlainText(std::string("a") + text, 64)) << Escaped(text);
  }
  EXPECT_TRUE(IsPlainText("abc", 3));
  EXPECT_FALSE(IsPlainText("abcd", 3));
}

// CVE-2023-28486: what is logged must neither forge a line nor be mistaken for an escape.
RC_GTEST_PROP(PlainText, EscapedIsPlainAndTellsAllApart, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const auto other = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  RC_ASSERT(IsPlainText(Escaped(text), 4 * text.size()));
  RC_ASSERT((Escaped(text) == Escaped(other)) == (text == other));
}

// A part of a character would make the whole unreadable for everybody who reads it later.
RC_GTEST_PROP(PlainText, WhatIsCutStaysPlainAndIsAFront, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("a", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x94\x91"));
  const std::string text = std::accumulate(words.begin(), words.end(), std::string());
  const auto most = *rc::gen::inRange<std::size_t>(0, text.size() + 2);
  const std::string cut = CutText(text, most);
  RC_ASSERT(IsPlainText(cut, most));
  RC_ASSERT(text.starts_with(cut));
  RC_ASSERT(cut.size() + 4 > std::min(most, text.size()));
}

TEST(PlainText, EscapesBytesOnly) {
  EXPECT_EQ(Escaped("ü\n\\\xff\xe2\x80\xae."), "ü\\x0a\\x5c\\xff\\xe2\\x80\\xae.");
}

}  // namespace
}  // namespace curfew::test
