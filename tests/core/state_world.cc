// SPDX-License-Identifier: Apache-2.0
// Builds worlds through the product's own parsers only: a value that cannot exist cannot be tested with.
#include "tests/core/state_world.h"

#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>

#include "core/base64.h"
#include "core/sudoers.h"
#include "tests/core/plain_grant.h"

namespace curfew::test {
namespace {

constexpr std::int64_t kStartOfTests = 1795305600;  // 2026-11-22T00:00:00Z
constexpr std::size_t kIds = 10;
constexpr std::size_t kKeys = 5;

const std::vector<PersonName>& People() {
  static const std::vector<PersonName> kPeople{Person("dev1"), Person("dev2"), Person("mallory@example.com")};
  return kPeople;
}

const std::vector<Command>& Commands() {
  static const std::vector<Command> kCommands{
      Cmd({"/usr/bin/id"}), Cmd({"/usr/bin/systemctl", "restart", "nginx"}),
      Cmd({"/usr/bin/systemctl", "restart", "cron"}), Cmd({"/usr/bin/cat", "/var/log/syslog"}),
      Cmd({"/bin/a+b@c%d", "-x", "+y", "@include", "%wheel", "..", "--a-b_c.d"})};
  return kCommands;
}

SudoRight RandomSudo(Dice& dice) {
  SudoRight right = SudoAll();
  if (!dice.OneIn(3)) {
    std::vector<Command> commands;
    for (std::size_t i = dice.Roll(3) + 1; i > 0; --i) commands.push_back(dice.Pick(Commands()));
    right.commands = std::move(commands);
  }
  if (dice.OneIn(4)) right.runas = Account("www-data");
  right.authenticate = dice.OneIn(4);
  return right;
}

LoginRight RandomLogin(Dice& dice) {
  LoginRight right;
  for (std::size_t i = dice.Roll(2) + 1; i > 0; --i) right.keys.push_back(Key(dice.Roll(kKeys)));
  if (dice.OneIn(3)) right.sources = {"192.0.2.0/24", "2001:db8::/32"};
  return right;
}

Gate RandomGate(Dice& dice) { return Gate{.login = !dice.OneIn(3), .sudo = !dice.OneIn(3)}; }

std::string RandomWord(Dice& dice) {
  static const std::string kBytes = "AZaz09_./@%+-";
  std::string word;
  for (std::size_t size = dice.Roll(12) + 1; size > 0; --size) word += kBytes[dice.Roll(kBytes.size())];
  return word;
}

template <class Value>
void LoseSome(Dice& dice, std::vector<Value>& values) {
  std::erase_if(values, [&](const Value&) { return dice.OneIn(4); });
}

}  // namespace

Dice Dice::Seeded(std::uint64_t seed) {
  auto engine = std::make_shared<std::mt19937_64>(seed);
  return Dice(
      [engine](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(*engine); });
}

AccountName Account(std::string_view name) { return AccountName::Parse(name).value(); }
PersonName Person(std::string_view name) { return PersonName::Parse(name).value(); }
HostName Host(std::string_view name) { return HostName::Parse(name).value(); }
Command Cmd(const std::vector<std::string>& argv) { return Command::Parse(argv).value(); }

GrantId Id(std::size_t number) {
  std::string digits = std::to_string(number);
  return GrantId::Parse("g-" + std::string(20 - digits.size(), '0') + digits).value();
}

LoginKey Key(std::size_t number) {
  const std::string type = "ssh-ed25519";
  std::string blob = std::string("\0\0\0\x0b", 4) + type + std::string("\0\0\0\x20", 4);
  blob += std::string(31, 'k') + static_cast<char>(number);
  return LoginKey::Parse(type + " " + EncodeBase64(blob)).value();
}

SudoRight SudoAll() { return SudoRight{AllCommands{}, Account("root"), false}; }
SudoRight SudoFor(std::vector<Command> commands) { return SudoRight{std::move(commands), Account("root"), false}; }

Instant Hour(std::int64_t hours) { return FromUnixSeconds(kStartOfTests + hours * 3600); }

Grant MakeGrant(std::size_t number) {
  return PlainGrant(Id(number), Account("dev1"), Key(number % kKeys), Hour(0), Hour(4));
}

const std::vector<AccountName>& Accounts() {
  static const std::vector<AccountName> kAccounts{Account("dev1"), Account("dev2"), Account("first.last"),
                                                  Account("DBA"), Account("root")};
  return kAccounts;
}

Bundle EmptyBundle() {
  Bundle bundle;
  bundle.issued = Hour(0);
  return bundle;
}

Grant RandomGrant(Dice& dice, const GrantId& id) {
  Grant grant = MakeGrant(0);
  grant.id = id;
  grant.principal = dice.Pick(People());
  grant.account = dice.Pick(Accounts());
  if (dice.OneIn(3)) grant.uid = static_cast<Uid>(1001 + dice.Roll(3));
  grant.login.reset();
  grant.sudo.reset();
  if (!dice.OneIn(3)) grant.login = RandomLogin(dice);
  if (!dice.OneIn(3)) grant.sudo = RandomSudo(dice);
  grant.start = Hour(static_cast<std::int64_t>(dice.Roll(8)));
  grant.end = grant.start + std::chrono::hours(dice.Roll(6) + 1);
  if (dice.OneIn(4)) grant.longest_session = Seconds{3600};
  return grant;
}

Rule RandomRule(Dice& dice, std::size_t number) {
  Rule rule{Id(number), static_cast<Uid>(1000 + dice.Roll(5)), SudoAll(),
            FromUnixSeconds(static_cast<std::int64_t>(1 + dice.Roll(253402300799)))};
  rule.right.authenticate = dice.OneIn(3);
  if (dice.OneIn(3)) rule.right.runas = Account(dice.OneIn(2) ? "www-data" : "first.last");
  if (dice.OneIn(4)) return rule;
  std::vector<Command> commands;
  while (commands.empty() || dice.OneIn(2)) {
    std::vector<std::string> argv{"/" + RandomWord(dice)};
    argv.reserve(4);
    for (std::size_t left = dice.Roll(4); left > 0; --left) argv.push_back(RandomWord(dice));
    const auto command = Command::Parse(argv);
    if (command && !WhyNotExact(SudoFor({*command}))) commands.push_back(*command);
  }
  rule.right.commands = std::move(commands);
  return rule;
}

Bundle RandomBundle(Dice& dice, std::size_t most) {
  Bundle bundle = EmptyBundle();
  const std::size_t count = dice.Roll(most + 1);
  const std::size_t first = dice.Roll(kIds);
  for (std::size_t i = 0; i < count; ++i) bundle.grants.push_back(RandomGrant(dice, Id((first + i) % (most + kIds))));
  for (const Grant& grant : bundle.grants) {
    if (dice.OneIn(5)) bundle.ended.push_back(Tombstone{grant.id, Hour(1), Hour(20), "revoked"});
  }
  for (const AccountName& account : Accounts()) {
    if (!dice.OneIn(4)) bundle.managed.push_back(ManagedAccount{account, RandomGate(dice)});
  }
  return bundle;
}

HostFacts RandomFacts(Dice& dice, const Bundle& bundle) {
  HostFacts facts;
  for (std::size_t i = 0; i < Accounts().size(); ++i) {
    const AccountName& account = Accounts()[i];
    if (account.Text() == "root")
      facts.users.emplace(account, 0);
    else if (!dice.OneIn(6))
      facts.users.emplace(account, static_cast<Uid>(1001 + i));
  }
  for (const Grant& grant : bundle.grants) {
    if (dice.OneIn(6)) facts.ended.insert(grant.id);
    if (dice.OneIn(3)) facts.deadline.emplace(grant.id, BootInstant{std::chrono::hours(dice.Roll(14))});
  }
  if (dice.OneIn(4)) facts.not_before = Hour(static_cast<std::int64_t>(dice.Roll(9)));
  return facts;
}

Now RandomNow(Dice& dice) {
  return Now{Hour(static_cast<std::int64_t>(dice.Roll(14))), BootInstant{std::chrono::hours(dice.Roll(8))}};
}

Actual AppliedState(const Desired& desired, Instant at) {
  Actual actual;
  actual.access = desired.access;
  actual.managed = desired.managed;
  actual.at = at;
  return actual;
}

std::vector<Session> RandomSessions(Dice& dice, const Desired& desired) {
  std::vector<Session> sessions;
  std::size_t number = 0;
  for (const auto* grants : {&desired.live, &desired.past}) {
    for (const Grant& grant : *grants) {
      if (dice.OneIn(2)) continue;
      const SessionKind kind = dice.OneIn(2) ? SessionKind::kLogin : SessionKind::kSudo;
      const std::string uid = std::to_string(*grant.uid);
      const std::string scope = "user.slice/user-" + uid + ".slice/session-" + std::to_string(++number) + ".scope";
      const Instant deadline = dice.OneIn(3) ? grant.start + std::chrono::hours(1) : grant.end;
      sessions.push_back(Session{scope, *grant.uid, grant.id, kind, deadline});
    }
  }
  if (dice.OneIn(3)) sessions.push_back(Session{"user.slice/x.scope", 1001, Id(99), SessionKind::kLogin, Hour(30)});
  return sessions;
}

Actual RandomActual(Dice& dice, const Desired& desired, const Desired& other, Instant at) {
  Actual actual = AppliedState(dice.OneIn(2) ? desired : other, at);
  LoseSome(dice, actual.access.rules);
  for (const Rule& rule : other.access.rules) {
    if (dice.OneIn(4)) actual.access.rules.push_back(rule);
  }
  for (auto& [account, lines] : actual.access.keys) {
    if (dice.OneIn(2)) LoseSome(dice, lines);
    if (dice.OneIn(5)) actual.keys_foreign.insert(account);
  }
  std::erase_if(actual.access.keys, [](const auto& entry) { return entry.second.empty(); });
  if (dice.OneIn(3)) LoseSome(dice, actual.managed);
  for (Gated& account : actual.managed) {
    if (dice.OneIn(4)) account.gate = RandomGate(dice);
  }
  std::erase_if(actual.managed, [](const Gated& account) { return account.gate == Gate{}; });
  actual.rules_foreign = dice.OneIn(5);
  actual.managed_foreign = dice.OneIn(5);
  actual.sessions = RandomSessions(dice, desired);
  return actual;
}

Assured RandomAssured(Dice& dice, const Desired& desired, const Actual& actual) {
  Assured assured;
  for (const Grant& grant : desired.live) {
    if (!dice.OneIn(3)) assured.intended.insert(grant.id);
  }
  if (dice.OneIn(3)) assured.checked = desired.access.rules;
  if (dice.OneIn(4)) assured.checked = actual.access.rules;
  return assured;
}

std::size_t Sweep(std::size_t modest, std::size_t many) {
  const char* given = std::getenv("CURFEW_LONG");  // NOLINT(concurrency-mt-unsafe): one thread
  return given != nullptr && std::string_view(given) == "1" ? many : modest;
}

std::uint64_t SweepSeed() {
  const char* given = std::getenv("CURFEW_SEED");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "seed " << seed << " (CURFEW_SEED repeats it)\n";
  return seed;
}

void SetLawParameters() {
  static const bool kSet = [] {
    const char* given = std::getenv("RC_PARAMS");  // NOLINT(concurrency-mt-unsafe): one thread
    // A failure's own parameters are kept; a mere seed is not enough worlds.
    if (given != nullptr && std::string_view(given).find("reproduce=") != std::string_view::npos) return true;
    const std::string text =
        "max_success=" + std::to_string(Sweep(1500, 20000)) + " seed=" + std::to_string(SweepSeed());
    return setenv("RC_PARAMS", text.c_str(), 1) == 0;  // NOLINT(concurrency-mt-unsafe): one thread
  }();
  if (!kSet) std::abort();
}

}  // namespace curfew::test
