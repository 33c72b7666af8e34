// SPDX-License-Identifier: Apache-2.0
// The test office and its hosts.
#include "tests/controller/workflow/office.h"

#include <unistd.h>

#include <algorithm>

#include "core/base64.h"
#include "core/codec.h"

namespace curfew::test {
namespace {

constexpr const char* kPolicy = R"(version: 1
managed:
  - {hosts: "env=lab", accounts: [dev1, dev2], gate: [login, sudo]}
policies:
  - name: web-root
    who: {groups: [developers, leads]}
    hosts: "role=web"
    account: self
    allow: {login: no, sudo: all}
    duration: {default: 1h, max: 4h}
    approve: [{any: [group:leads]}]
  - name: look
    who: {groups: [developers]}
    hosts: "env=lab"
    account: self
    allow: {login: yes, sudo: [[/usr/bin/id]]}
    duration: {default: 10m, max: 1h}
    approve: []
)";

PrivateKey Copy(const PrivateKey& key) { return *PrivateKey::FromSeed(key.Seed()); }

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "curfew-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

TestHost::TestHost() : identity_(*PrivateKey::Generate()), audit_(*PrivateKey::Generate()) {}

EnrolmentAsk TestHost::Ask(const std::string& token, const std::string& name) const {
  EnrolmentAsk ask;
  ask.token = token;
  ask.name = name;
  ask.identity_key = std::string(identity_.Public().Raw());
  ask.audit_key = std::string(audit_.Public().Raw());
  ask.audit_key_text = EncodeBase64(ask.audit_key);
  ask.csr = "a request for a certificate";
  const auto signature = *identity_.Sign(EnrolmentProofText(ask));
  ask.identity_proof.assign(signature.value.begin(), signature.value.end());
  return ask;
}

std::string TestHost::Take(const std::string& sealed, const RoleTable& roles, Instant now) {
  const auto verified = Verify(sealed, Purpose::kBundle, roles.roles.at(Purpose::kBundle));
  if (const auto* deny = Denied(verified)) return Word(deny->reason);
  const auto accepted = curfew::Accept(std::get<Verified>(verified), Standing{Id(), mark_, roles}, now);
  if (const auto* deny = Denied(accepted)) return std::string(Word(deny->reason)) + ": " + deny->detail;
  bundle_ = std::get<Accepted>(accepted).Value();
  mark_ = std::get<Accepted>(accepted).Mark();
  return "ok";
}

std::string TestHost::TakeRevocation(const std::string& sealed, const RoleTable& roles) {
  const auto verified = Verify(sealed, Purpose::kRevocation, roles.roles.at(Purpose::kRevocation));
  if (const auto* deny = Denied(verified)) return Word(deny->reason);
  const auto revocation = AcceptRevocation(std::get<Verified>(verified), Id());
  if (const auto* deny = Denied(revocation)) return Word(deny->reason);
  revoked_.insert(std::get<AcceptedRevocation>(revocation).Value().grant);
  return "ok";
}

bool TestHost::HasGrant(const GrantId& id, Instant now) const {
  if (revoked_.contains(id)) return false;
  const auto ended = [&](const Tombstone& stone) { return stone.grant == id; };
  if (std::any_of(InForce().ended.begin(), InForce().ended.end(), ended)) return false;
  return std::any_of(InForce().grants.begin(), InForce().grants.end(), [&](const Grant& grant) { return grant.id == id && grant.start <= now && now < grant.end; });
}

Event& TestHost::Say(EventKind kind, Instant at, const std::string& grant, std::uint64_t version) {
  Event event;
  event.seq = events_.size() + 1;
  event.at = at;
  event.boot = "boot1";
  event.kind = kind;
  event.grant = grant;
  event.outcome = "ok";
  event.version = version;
  if (!events_.empty()) event.previous = HashEvent(events_.back());
  events_.push_back(std::move(event));
  return events_.back();
}

void TestHost::SayReceipt(const GrantId& grant, Instant ended, const std::string& cause, bool gone, std::vector<Survivor> survivors) {
  const Receipt receipt{Id(), grant, ended, ended + Millis{5}, cause, gone, gone, std::move(survivors)};
  Event& event = Say(EventKind::kReceipt, ended + Millis{5}, grant.Text());
  event.attachment = *Seal(Purpose::kReceipt, EncodeReceipt(receipt), audit_);
}

std::string TestHost::Batch() {
  const EventBatch batch{Id(), {events_.begin() + static_cast<std::ptrdiff_t>(sent_), events_.end()}};
  sent_ = events_.size();
  return *Seal(Purpose::kEvents, EncodeEventBatch(batch), audit_);
}

std::string TestHost::BatchFrom(std::uint64_t from) const {
  const EventBatch batch{Id(), {events_.begin() + static_cast<std::ptrdiff_t>(from - 1), events_.end()}};
  return *Seal(Purpose::kEvents, EncodeEventBatch(batch), audit_);
}

CertificateSigner SignerFor(const std::string& key) {
  return [key](std::string_view, const HostId& host) -> Result<LinkCertificate> { return LinkCertificate{"for " + host.Hex(), Sha256(key)}; };
}

Office::Office()
    : root_(*PrivateKey::Generate()), bundle_(*PrivateKey::Generate()), lease_(*PrivateKey::Generate()), revoker_(*PrivateKey::Generate()) {
  Open();
  const auto loaded = workflow->LoadPolicy(kPolicy, "p.yaml", "admin", now);
  EXPECT_TRUE(loaded) << loaded.error().Text();
  AddPerson("dev1", "developers");
  AddPerson("dev2", "developers");
  AddPerson("lead1", "leads");
  AddPerson("lead2", "leads");
  AddPerson("audit1", "auditors");
  AddPerson("owner1", "owners");
}

SigningKeys Office::Keys() const {
  RoleTable roles;
  roles.version = roles_version_;
  roles.ceilings = ceilings_;
  roles.roles[Purpose::kBundle] = Role{1, {bundle_.Public()}};
  roles.roles[Purpose::kLease] = Role{1, {lease_.Public()}};
  roles.roles[Purpose::kDelivered] = Role{1, {lease_.Public()}};
  roles.roles[Purpose::kRevocation] = Role{1, {revoker_.Public()}};
  const std::string sealed = *Seal(Purpose::kRoles, EncodeRoleTable(roles), root_);
  return SigningKeys{Copy(bundle_), Copy(lease_), Copy(revoker_), Role{1, {root_.Public()}}, roles, sealed};
}

void Office::Open() {
  auto opened = SqliteStore::Open(folder.File("store.db"));
  if (!opened) throw std::runtime_error(opened.error().Text());
  store = std::move(*opened);
  workflow = std::make_unique<Workflow>(*store, Keys(), settings);
  workflow->WhenCommitted([this](const Committed& committed) {
    pushed.insert(pushed.end(), committed.hosts.begin(), committed.hosts.end());
    recalled.insert(recalled.end(), committed.recalled.begin(), committed.recalled.end());
  });
  fleet = std::make_unique<FleetAuthority>(*workflow, [this] { return Clocks(); });
}

void Office::Restart() {
  fleet.reset();
  workflow.reset();
  store.reset();
  Open();
}

void Office::RestartUnder(Ceilings ceilings) {
  ++roles_version_;
  ceilings_ = std::move(ceilings);
  Restart();
  static_cast<void>(workflow->Turn(now));
}

void Office::Pass(Millis time) {
  now += time;
  boot += time;
  static_cast<void>(workflow->Turn(now));
}

void Office::RunUntil(Instant until) {
  while (true) {
    const auto next = workflow->Turn(now);
    if (!next || *next > until) break;
    now = std::max(now, *next);
  }
  now = std::max(now, until);
}

TestHost& Office::Enrol(const std::string& name, const std::vector<std::string>& labels) {
  Labels parsed;
  for (const auto& label : labels) parsed.insert(*ParseLabel(label));
  const std::string secret = "token for " + name;
  hosts.push_back(std::make_unique<TestHost>());
  const auto enrolled = workflow->Run(now, [&](Change& change) -> Outcome<Enrolled> {
    change.Keep().AddToken({"t-" + name, Sha256(secret), 1, now + Seconds{60}, parsed});
    return curfew::Enrol(change, hosts.back()->Ask(secret, name), SignerFor("first"));
  });
  EXPECT_TRUE(enrolled) << enrolled.error().what;
  recalled.clear();
  return *hosts.back();
}

void Office::AddPerson(const std::string& name, const std::string& group) {
  store->AddPerson({*PersonName::Parse(name), {*PersonName::Parse(group)}, "", false});
  const auto key = *PrivateKey::Generate();
  const std::string type = "ssh-ed25519";
  const auto field = [](const std::string& text) {
    return std::string{'\0', '\0', '\0', static_cast<char>(text.size())} + text;
  };
  const std::string blob = field(type) + field(std::string(key.Public().Raw()));
  store->AddKey({"k-" + name, *PersonName::Parse(name), *LoginKey::Parse(type + " " + EncodeBase64(blob)), type, 256, "SHA256:" + name, now});
}

Person Office::Who(const std::string& name) const {
  const auto person = store->FindPerson(*PersonName::Parse(name)).value();
  return {person.name, person.groups};
}

Outcome<RequestRecord> Office::AskFor(const std::string& person, const std::vector<std::string>& names, const Ask& ask) {
  std::vector<HostName> host_names;
  for (const auto& name : names) host_names.push_back(*HostName::Parse(name));
  const Submission submission{host_names, ask, "to mend it", "T-1", {}};
  return workflow->Run(now, [&](Change& change) { return Submit(change, Who(person), submission); });
}

RequestRecord Office::MustAsk(const std::string& person, const std::vector<std::string>& names, const Ask& ask) {
  auto request = AskFor(person, names, ask);
  if (!request) throw std::runtime_error(request.error().what);
  return *request;
}

RequestRecord Office::Approved(const std::vector<std::string>& names, const Ask& ask) {
  const auto request = MustAsk("dev1", names, ask);
  const auto approved = ApproveAs("lead1", request.id);
  if (!approved) throw std::runtime_error(approved.error().what);
  return *approved;
}

Outcome<RequestRecord> Office::ApproveAs(const std::string& person, const RequestId& id, std::optional<Seconds> shorter) {
  return workflow->Run(now, [&](Change& change) { return Approve(change, Who(person), id, "", shorter); });
}

void Office::Accept(TestHost& host) {
  ASSERT_EQ(host.Take(store->BundleOf(host.Id()), workflow->Keys().roles, now), "ok");
  host.Say(EventKind::kBundleAccepted, now, "", host.InForce().version);
  ASSERT_EQ(HandIn(host), "ok");
}

void Office::Activate(TestHost& host, const GrantId& grant) {
  Accept(host);
  ASSERT_TRUE(host.HasGrant(grant, now));
  host.Say(EventKind::kGrantIntent, now, grant.Text());
  host.Say(EventKind::kGrantActive, now, grant.Text());
  ASSERT_EQ(HandIn(host), "ok");
}

std::string Office::HandIn(TestHost& host) { return HandIn(host.Id(), host.Batch()); }

std::string Office::HandIn(const HostId& host, const std::string& sealed) {
  const auto verdict = fleet->TakeBatch(host, sealed);
  const auto* deny = Denied(verdict);
  return deny == nullptr ? "ok" : Word(deny->reason);
}

Outcome<HostRecord> Office::Remove(const std::string& name) {
  return workflow->Run(now, [&](Change& change) { return RemoveHost(change, *HostName::Parse(name), "admin"); });
}

Outcome<RequestRecord> Office::ReturnAs(const std::string& person, const RequestId& id) {
  return workflow->Run(now, [&](Change& change) { return Return(change, Who(person), id); });
}

std::vector<EventRecord> Office::Log(std::optional<Severity> severity) const {
  EventFilter filter;
  filter.severity = severity;
  filter.limit = 10000;
  return store->Events(filter);
}

std::size_t Office::Count(const std::string& kind) const {
  const auto log = Log();
  return static_cast<std::size_t>(std::count_if(log.begin(), log.end(), [&](const auto& event) { return event.kind == kind; }));
}

}  // namespace curfew::test
