// SPDX-License-Identifier: Apache-2.0
// A controller without ports: a real SQLite file, real keys, a clock that the test sets, and hosts that enrol, verify
// their bundles as an enforcer would, and seal real batches.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "controller/store/sqlite_store.h"
#include "controller/workflow/enrolment.h"
#include "controller/workflow/fleet_authority.h"
#include "controller/workflow/requests.h"
#include "controller/workflow/workflow.h"
#include "core/accept.h"

namespace curfew::test {

/// A directory of its own that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string File(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A host's side: its keys, its last accepted bundle, its chain of events.
class TestHost {
 public:
  TestHost();
  [[nodiscard]] EnrolmentAsk Ask(const std::string& token, const std::string& name) const;
  [[nodiscard]] HostId Id() const { return HostId(*HostId::FromBytes(identity_.Public().Id().Raw())); }
  [[nodiscard]] const PrivateKey& AuditKey() const { return audit_; }

  /// Verifies and accepts the bundle as the enforcer does; the reason's word when it is refused.
  [[nodiscard]] std::string Take(const std::string& sealed, const RoleTable& roles, Instant now);
  [[nodiscard]] const Bundle& InForce() const { return bundle_.value(); }
  /// The same for a revocation: from then on the grant is over here, whatever bundle lists it.
  [[nodiscard]] std::string TakeRevocation(const std::string& sealed, const RoleTable& roles);
  [[nodiscard]] bool HasGrant(const GrantId& id, Instant now) const;

  /// The next event of this host's chain.
  Event& Say(EventKind kind, Instant at, const std::string& grant = {}, std::uint64_t version = 0);
  /// A receipt event: everything gone unless the test says otherwise afterwards (then Reseal).
  void SayReceipt(const GrantId& grant, Instant ended, const std::string& cause, bool gone = true, std::vector<Survivor> survivors = {});
  /// All events said since the last call, sealed with the audit key; they are then taken as delivered.
  [[nodiscard]] std::string Batch();
  /// The events from `from` on, once more.
  [[nodiscard]] std::string BatchFrom(std::uint64_t from) const;
  [[nodiscard]] const std::vector<Event>& Said() const { return events_; }

 private:
  PrivateKey identity_;
  PrivateKey audit_;
  std::optional<Bundle> bundle_;
  std::optional<BundleMark> mark_;
  std::set<GrantId> revoked_;
  std::vector<Event> events_;
  std::size_t sent_ = 0;
};

/// Certifies every host, for a link key of this text.
[[nodiscard]] CertificateSigner SignerFor(const std::string& key);

class Office : public ::testing::Test {
 protected:
  Office();
  /// Closes the store and opens it again: what a restart does.
  void Restart();
  /// The root key signs a role table with these ceilings, and the controller is started with it.
  void RestartUnder(Ceilings ceilings);
  void Pass(Millis time);
  /// What the controller reads: `now` can be set as a machine's clock can, `boot` goes on with Pass.
  [[nodiscard]] Now Clocks() const { return {now, boot}; }
  /// Every due moment up to `until`, one turn each.
  void RunUntil(Instant until);

  TestHost& Enrol(const std::string& name, const std::vector<std::string>& labels = {"env=lab", "role=web"});
  void AddPerson(const std::string& name, const std::string& group);
  [[nodiscard]] Person Who(const std::string& name) const;
  [[nodiscard]] Outcome<RequestRecord> AskFor(const std::string& person, const std::vector<std::string>& hosts, const Ask& ask = {});
  [[nodiscard]] RequestRecord MustAsk(const std::string& person, const std::vector<std::string>& hosts, const Ask& ask = {});
  /// Asked by dev1, approved by lead1.
  [[nodiscard]] RequestRecord Approved(const std::vector<std::string>& hosts, const Ask& ask = {});
  [[nodiscard]] Outcome<RequestRecord> ApproveAs(const std::string& person, const RequestId& id, std::optional<Seconds> shorter = {});
  [[nodiscard]] RequestRecord Shown(const RequestId& id) const { return store->FindRequest(id).value(); }
  [[nodiscard]] std::vector<GrantRecord> Grants(const RequestId& id) const { return store->GrantsOf(id); }
  [[nodiscard]] GrantRecord Only(const RequestId& id) const { return store->GrantsOf(id).at(0); }
  /// The host takes its newest bundle and reports it; its batch is handed in.
  void Accept(TestHost& host);
  /// Accept, intent and activation of a grant.
  void Activate(TestHost& host, const GrantId& grant);
  /// Hands the host's batch in; the verdict's word, "ok" when it was kept.
  std::string HandIn(TestHost& host);
  std::string HandIn(const HostId& host, const std::string& sealed);
  [[nodiscard]] Outcome<HostRecord> Remove(const std::string& name);
  [[nodiscard]] Outcome<RequestRecord> ReturnAs(const std::string& person, const RequestId& id);
  [[nodiscard]] std::vector<EventRecord> Log(std::optional<Severity> severity = {}) const;
  /// How many events of this kind are in the log.
  [[nodiscard]] std::size_t Count(const std::string& kind) const;

  TemporaryFolder folder;
  WorkflowSettings settings;  ///< from the next Restart on
  Instant now = FromUnixSeconds(1795348800);
  BootInstant boot{Seconds{86400}};
  std::unique_ptr<SqliteStore> store;
  std::unique_ptr<Workflow> workflow;
  std::unique_ptr<FleetAuthority> fleet;
  std::vector<HostId> pushed;
  std::vector<HostId> recalled;
  std::vector<std::unique_ptr<TestHost>> hosts;

 private:
  void Open();
  PrivateKey root_;
  PrivateKey bundle_;
  PrivateKey lease_;
  PrivateKey revoker_;
  std::uint64_t roles_version_ = 1;
  Ceilings ceilings_;
  [[nodiscard]] SigningKeys Keys() const;
};

}  // namespace curfew::test
