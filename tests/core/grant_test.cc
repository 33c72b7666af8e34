// SPDX-License-Identifier: Apache-2.0
// What a grant may hold: commands that cannot say more than themselves (D5, D9), keys that are keys, full root by any name.
#include "core/grant.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base64.h"
#include "tests/core/trust_world.h"

namespace curfew::test {
namespace {

using namespace std::string_literals;

bool Takes(const std::vector<std::string>& argv) {
  const auto command = Command::Parse(argv);
  EXPECT_TRUE(!command || command->Argv() == argv);
  return command.has_value();
}

TEST(Commands, AreExact) {
  EXPECT_TRUE(Takes({"/usr/bin/id"}));
  EXPECT_TRUE(Takes({"/usr/bin/systemctl", "restart", "nginx@1.service"}));
  EXPECT_TRUE(Takes({"/usr/bin/cat", "/var/log/syslog"}));
  EXPECT_TRUE(Takes({"/bin/g++-12", "-O2", "+x", "50%", "../relative", "--", "a_b.c"}));
}

TEST(Commands, D5D9NothingThatSudoReadsAsMore) {
  for (const char* path : {"", "id", "./id", "../id", "/", "/usr/bin/", "/usr//bin/id", "/usr/./bin/id", "/usr/../bin/id", "/usr/bin/..",
                           "/usr/bin/.", "ALL", "sudoedit", "!/bin/sh", "%wheel", "/usr/bin/*", "/usr/bin/[a-z]*", "/usr/bin/i?",
                           "^/usr/bin/.*$", "/usr/bin/id,", "/usr/bin/id:", "/usr/bin/id=", "/usr/bin/id\\", "/usr/bin/i d", "/usr/bin/id\n",
                           "/usr/bin/id\"", "/usr/bin/id#", "sha224:0", "~/bin/id", "//bin/id"}) {
    EXPECT_FALSE(Takes({path})) << path;
  }
  for (const char* word : {"", " ", "*", "?", "[a]", "!x", "^a$", "a^", "a,b", "a:b", "a=b", "a\\", "a b", "a\nb", "a\tb", "\"\"", "'a'",
                           "$HOME", "`id`", "a;b", "a|b", "a>b", "a&b", "(a)", "{a}", "~", "a\xc3\xbc", "\xff", "#", "a#b"}) {
    EXPECT_FALSE(Takes({"/usr/bin/id", word})) << word;
    EXPECT_FALSE(Takes({"/usr/bin/id", "sound", word})) << word;
  }
  EXPECT_FALSE(Takes({"/usr/bin/id", std::string("a\0b", 3)}));
}

TEST(Commands, SayWhyTheyAreRefused) {
  const auto why = [](const std::vector<std::string>& argv) { return Command::Parse(argv).error().Text(); };
  EXPECT_EQ(why({"/usr/bin/*"}),
            "command: \"/usr/bin/*\" has a wildcard, which would allow more than itself; give the absolute path and each argument exactly");
  EXPECT_NE(why({"ALL", "!/bin/sh"}).find("negation"), std::string::npos);
  EXPECT_NE(why({"/usr/bin/"}).find("directory"), std::string::npos);
  EXPECT_NE(why({"id"}).find("absolute"), std::string::npos);
  EXPECT_NE(why({"/bin/id", "^x"}).find("regular expression"), std::string::npos);
  EXPECT_NE(why({"/bin/id", ""}).find("empty"), std::string::npos);
  EXPECT_TRUE(IsPlainText(why({"/bin/id\n\x1b[0m"}), 1024));
}

TEST(Commands, AreBounded) {
  EXPECT_FALSE(Takes({}));
  EXPECT_TRUE(Takes(std::vector<std::string>(64, "/a")));
  EXPECT_FALSE(Takes(std::vector<std::string>(65, "/a")));
  EXPECT_TRUE(Takes({"/" + std::string(1023, 'a')}));
  EXPECT_FALSE(Takes({"/" + std::string(1024, 'a')}));
  EXPECT_FALSE(Takes({"/a", std::string(1024, 'a'), std::string(1024, 'a'), std::string(1024, 'a'), std::string(1024, 'a')}));
}

// A field of a key's blob: its length, then itself (RFC 4251 §5).
std::string Field(std::string_view bytes) {
  std::string field(4, '\0');
  field[2] = static_cast<char>(bytes.size() >> 8U);
  field[3] = static_cast<char>(bytes.size() & 0xffU);
  return field + std::string(bytes);
}

std::string KeyText(std::string_view type, std::string_view fields) {
  return std::string(type) + " " + EncodeBase64(Field(type) + std::string(fields));
}

bool TakesKey(std::string_view text) { return LoginKey::Parse(text).has_value(); }

std::string Point(std::size_t size) { return "\x04" + std::string(size - 1, 'p'); }

std::string Rsa(std::string_view exponent, std::string_view modulus) { return KeyText("ssh-rsa", Field(exponent) + Field(modulus)); }

TEST(LoginKeys, KnownTypes) {
  const std::string raw(32, 'k');
  EXPECT_TRUE(TakesKey(KeyText("ssh-ed25519", Field(raw))));
  EXPECT_TRUE(TakesKey(Rsa("\1\0\1"s, std::string(257, 'n'))));
  EXPECT_TRUE(TakesKey(Rsa("\3"s, "\0"s + std::string(256, '\xf0'))));
  EXPECT_TRUE(TakesKey(KeyText("ecdsa-sha2-nistp256", Field("nistp256") + Field(Point(65)))));
  EXPECT_TRUE(TakesKey(KeyText("ecdsa-sha2-nistp384", Field("nistp384") + Field(Point(97)))));
  EXPECT_TRUE(TakesKey(KeyText("ecdsa-sha2-nistp521", Field("nistp521") + Field(Point(133)))));
  EXPECT_TRUE(TakesKey(KeyText("sk-ssh-ed25519@openssh.com", Field(raw) + Field("ssh:"))));
  EXPECT_TRUE(TakesKey(KeyText("sk-ecdsa-sha2-nistp256@openssh.com", Field("nistp256") + Field(Point(65)) + Field("ssh:"))));
}

// What people hand in: files that the real ssh-keygen writes, all but the comment.
TEST(LoginKeys, ThoseOfSshKeygen) {
  const std::string folder = testing::TempDir() + "curfew-keys-" + std::to_string(getpid());
  ASSERT_EQ(mkdir(folder.c_str(), 0700), 0);
  for (const std::string type : {"ed25519", "rsa", "ecdsa"}) {
    const std::string file = folder + "/" + type;
    ASSERT_EQ(std::system(("ssh-keygen -q -N '' -C somebody -t " + type + " -f " + file).c_str()), 0);  // NOLINT: fixed words
    std::ifstream text(file + ".pub");
    std::string kind;
    std::string blob;
    text >> kind >> blob;
    EXPECT_TRUE(TakesKey(kind + " " + blob)) << kind << " " << blob;
  }
  std::filesystem::remove_all(folder);
}

TEST(LoginKeys, OnlyAKeyIsAKey) {
  const std::string raw(32, 'k');
  const std::string good = KeyText("ssh-ed25519", Field(raw));
  ASSERT_TRUE(TakesKey(good));
  for (const std::string& text :
       {std::string(), std::string("ssh-ed25519"), std::string("ssh-ed25519 "), good + " comment", good + "\n", good + "\nssh-rsa AAAA",
        " " + good, "restrict " + good, "command=\"sh\" " + good, std::string("ssh-ed25519\t") + good.substr(12), good.substr(0, good.size() - 1),
        good + "=", "ssh-dss " + good.substr(12), "ssh-rsa " + good.substr(12), KeyText("ssh-dss", Field(raw)),
        KeyText("ssh-ed25519-cert-v01@openssh.com", Field(raw)), KeyText("ssh-ed25519", Field(raw.substr(1))),
        KeyText("ssh-ed25519", Field(raw + "k")), KeyText("ssh-ed25519", Field(raw) + Field("more")), KeyText("ssh-ed25519", Field(raw) + "x"),
        "ssh-ed25519 " + EncodeBase64(Field("ssh-ed25518") + Field(raw)), KeyText("ssh-ed25519", ""), Rsa("\1\0\1"s, std::string(128, 'n')),
        KeyText("ecdsa-sha2-nistp256", Field("nistp384") + Field("\x04")), Rsa("", std::string(257, 'n')),
        "ssh-ed25519 " + EncodeBase64("\xff\xff\xff\xffssh-ed25519"), std::string("ssh-ed25519 ") + std::string(20000, 'A')}) {
    EXPECT_FALSE(TakesKey(text)) << Escaped(text.substr(0, 100));
  }
}

// What libssh or sshd reads as the very same key.
TEST(LoginKeys, OneKeyHasOneText) {
  const std::string high = std::string(256, '\xf0');
  const std::string raw(32, 'k');
  ASSERT_TRUE(TakesKey(Rsa("\1\0\1"s, "\0"s + high)));
  for (const std::string& text :
       {Rsa("\1\0\1"s, "\0\0"s + high), Rsa("\1\0\1"s, high), Rsa("\1\0\1"s, "\0"s + std::string(257, 'n')), Rsa("\0\1\0\1"s, "\0"s + high),
        Rsa("\0"s, "\0"s + high), Rsa("\xff"s, "\0"s + high),
        KeyText("ecdsa-sha2-nistp256", Field("nistp256") + Field("\x02" + std::string(32, 'p'))),
        KeyText("ecdsa-sha2-nistp256", Field("nistp256") + Field(std::string(65, 'p'))),
        KeyText("ecdsa-sha2-nistp256", Field("nistp256") + Field(Point(66))), KeyText("ecdsa-sha2-nistp384", Field("nistp384") + Field(Point(65))),
        KeyText("ecdsa-sha2-nistp521", Field("nistp521") + Field(Point(132))),
        KeyText("sk-ssh-ed25519@openssh.com", Field(raw) + Field("ssh:\0"s)), KeyText("sk-ssh-ed25519@openssh.com", Field(raw) + Field("")),
        KeyText("sk-ecdsa-sha2-nistp256@openssh.com", Field("nistp256") + Field("\x03" + std::string(32, 'p')) + Field("ssh:")),
        KeyText("sk-ssh-ed25519@openssh.com", Field(raw) + Field("ssh:") + Field(""))}) {
    EXPECT_FALSE(TakesKey(text)) << Escaped(text.substr(0, 100));
  }
}

TEST(LoginKeys, A9RefusedTextIsNotRepeated) {
  EXPECT_EQ(LoginKey::Parse("ssh-ed25519 AAAA\x1b[0m").error().Text(),
            "public key: not one strict base64 word after the type; give the line of the .pub file");
}

TEST(Base64, IsThatOfTheRfc) {
  const std::vector<std::pair<std::string, std::string>> cases{{"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
                                                              {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(EncodeBase64(bytes), text);
    EXPECT_EQ(DecodeBase64(text).value(), bytes);
  }
  for (const char* text : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm 9v", "Zm9v\n", "Zm9-", "Zm9_", "Z=g="}) {
    EXPECT_FALSE(DecodeBase64(text)) << text;
  }
}

RC_GTEST_PROP(Base64, ComesBackAndHasOneSpelling, ()) {
  const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  std::string text = EncodeBase64(bytes);
  RC_ASSERT(DecodeBase64(text).value() == bytes);
  if (text.empty()) return;
  text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
  const auto back = DecodeBase64(text);
  if (back) RC_ASSERT(EncodeBase64(*back) == text);
}

TEST(FullRoot, IsKnownByAnyName) {
  Grant grant = SoundGrant();
  EXPECT_TRUE(IsFullRoot(grant));
  grant.sudo->runas = AccountName::Parse("www-data").value();
  EXPECT_FALSE(IsFullRoot(grant));
  grant.sudo->runas = AccountName::Parse("root").value();
  grant.sudo->commands = std::vector{Command::Parse({"/usr/bin/id"}).value()};
  EXPECT_FALSE(IsFullRoot(grant));
  grant.sudo.reset();
  EXPECT_FALSE(IsFullRoot(grant));
  for (const char* group : {"docker", "lxd", "disk", "adm", "sudo", "wheel"}) {
    grant.groups = {"developers", group};
    EXPECT_TRUE(IsFullRoot(grant)) << group;
  }
  grant.groups = {"developers"};
  EXPECT_FALSE(IsFullRoot(grant));
}

TEST(What, IsSaidInWords) {
  Grant grant = SoundGrant();
  const SudoRight one{std::vector{Command::Parse({"/usr/bin/id"}).value()}, AccountName::Parse("deploy").value()};
  grant.sudo.reset();
  EXPECT_EQ(WhatText(grant), "login");
  grant.sudo = one;
  EXPECT_EQ(WhatText(grant), "login and sudo for 1 command as deploy");
  grant.login.reset();
  grant.sudo = SudoRight{AllCommands{}, AccountName::Parse("root").value()};
  EXPECT_EQ(WhatText(grant), "sudo for every command");
}

}  // namespace
}  // namespace curfew::test
