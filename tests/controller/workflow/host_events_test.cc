// SPDX-License-Identifier: Apache-2.0
// Batches: once, in order, signed by the host's own audit key, or not at all.
#include "core/codec.h"
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Batches : public Office {
 protected:
  Batches() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
  std::vector<std::uint64_t> Kept() const {
    std::vector<std::uint64_t> kept;
    for (const auto& event : Log()) {
      if (event.host) kept.push_back(event.seq);
    }
    return kept;
  }
};

TEST_F(Batches, DeliveredNamesTheLastEventAndVerifies) {
  Host().Say(EventKind::kHeartbeat, now);
  Host().Say(EventKind::kHeartbeat, now);
  const auto verdict = fleet->TakeBatch(Host().Id(), Host().Batch());
  ASSERT_EQ(Denied(verdict), nullptr);
  const auto delivered = Verify(std::get<TakenBatch>(verdict).delivered, Purpose::kDelivered, workflow->Keys().roles.roles.at(Purpose::kDelivered));
  ASSERT_EQ(Denied(delivered), nullptr);
  const auto read = DecodeDelivered(std::get<Verified>(delivered));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->seq, 2U);
  EXPECT_EQ(read->head, HashEvent(Host().Said().back()));
  EXPECT_EQ(read->host, Host().Id());
}

// A host whose disk does not give an event back asks before it puts a word in its place.
TEST_F(Batches, WithoutEventsAskWhatIsKept) {
  Host().Say(EventKind::kHeartbeat, now);
  ASSERT_EQ(HandIn(Host()), "ok");
  const auto verdict = fleet->TakeBatch(Host().Id(), *Seal(Purpose::kEvents, EncodeEventBatch(EventBatch{Host().Id(), {}}), Host().AuditKey()));
  ASSERT_EQ(Denied(verdict), nullptr);
  const auto delivered = Verify(std::get<TakenBatch>(verdict).delivered, Purpose::kDelivered, workflow->Keys().roles.roles.at(Purpose::kDelivered));
  ASSERT_EQ(Denied(delivered), nullptr);
  EXPECT_EQ(DecodeDelivered(std::get<Verified>(delivered)).value().head, HashEvent(Host().Said().back()));
  EXPECT_EQ(Kept(), std::vector<std::uint64_t>{1});
}

TEST_F(Batches, KeptOnceHoweverOftenSent) {
  for (int i = 0; i < 3; ++i) Host().Say(EventKind::kHeartbeat, now);
  const std::string batch = Host().Batch();
  EXPECT_EQ(HandIn(Host().Id(), batch), "ok");
  EXPECT_EQ(HandIn(Host().Id(), batch), "ok");
  Host().Say(EventKind::kHeartbeat, now);
  EXPECT_EQ(HandIn(Host().Id(), Host().BatchFrom(2)), "ok");
  EXPECT_EQ(Kept(), (std::vector<std::uint64_t>{1, 2, 3, 4}));
}

TEST_F(Batches, AGapIsRefusedAndIsOneAlarm) {
  Host().Say(EventKind::kHeartbeat, now);
  ASSERT_EQ(HandIn(Host()), "ok");
  for (int i = 0; i < 3; ++i) Host().Say(EventKind::kHeartbeat, now);
  const std::string gap = Host().BatchFrom(3);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(HandIn(Host().Id(), gap), "broken-chain");
  EXPECT_EQ(Kept(), std::vector<std::uint64_t>{1});
  EXPECT_EQ(Log(Severity::kAlarm).size(), 1U);
  EXPECT_EQ(HandIn(Host().Id(), Host().BatchFrom(2)), "ok");
  EXPECT_EQ(Kept(), (std::vector<std::uint64_t>{1, 2, 3, 4}));
}

TEST_F(Batches, WhatWasKeptBeforeIsAnsweredAndWritesNothing) {
  Host().Say(EventKind::kHeartbeat, now);
  const std::string batch = Host().Batch();
  ASSERT_EQ(HandIn(Host().Id(), batch), "ok");
  for (int i = 0; i < 3; ++i) Host().Say(EventKind::kHeartbeat, now);
  ASSERT_EQ(HandIn(Host().Id(), Host().BatchFrom(3)), "broken-chain");
  const auto before = store->FindHost(Host().Id()).value();
  Pass(Seconds{60});
  const auto verdict = fleet->TakeBatch(Host().Id(), batch);
  ASSERT_EQ(Denied(verdict), nullptr);
  EXPECT_FALSE(std::get<TakenBatch>(verdict).fresh);
  EXPECT_NE(std::get<TakenBatch>(verdict).delivered, "");
  const auto after = store->FindHost(Host().Id()).value();
  EXPECT_EQ(after.last_seen, before.last_seen);
  EXPECT_NE(after.fault, "") << "an old batch mends nothing";
  ASSERT_EQ(HandIn(Host().Id(), Host().BatchFrom(3)), "broken-chain");
  EXPECT_EQ(Log(Severity::kAlarm).size(), 1U) << "nor does it make the same fault a new one";
  const auto fresh = fleet->TakeBatch(Host().Id(), Host().BatchFrom(2));
  ASSERT_EQ(Denied(fresh), nullptr);
  EXPECT_TRUE(std::get<TakenBatch>(fresh).fresh);
  EXPECT_EQ(store->FindHost(Host().Id()).value().fault, "");
}

// Whoever has a link's key can send what the host never signed, as often as they like.
TEST_F(Batches, OneLineCannotFillTheLog) {
  TestHost& other = Enrol("host2");
  const auto refuse = [&](const TestHost& host, std::uint64_t number) {
    const EventBatch batch{HostId(*HostId::FromBytes(Sha256(std::to_string(number)).Raw())), {}};
    const std::string sealed = *Seal(Purpose::kEvents, EncodeEventBatch(batch), host.AuditKey());
    EXPECT_NE(HandIn(host.Id(), number % 2 == 0 ? sealed : "garbage"), "ok");
    return Log(Severity::kAlarm).size();
  };
  for (std::uint64_t number = 0; number < 200; ++number) static_cast<void>(refuse(Host(), number));
  EXPECT_EQ(Log(Severity::kAlarm).size(), 10U);
  EXPECT_EQ(refuse(other, 0), 11U) << "the others' faults are told all the same";
  Pass(Seconds{600});
  EXPECT_EQ(refuse(Host(), 200), 12U);
  EXPECT_NE(Log(Severity::kAlarm).back().detail.find("(and 95 more before)"), std::string::npos) << Log().back().detail;
}

TEST_F(Batches, AnotherPastIsRefused) {
  Host().Say(EventKind::kHeartbeat, now).detail = "first";
  ASSERT_EQ(HandIn(Host()), "ok");
  TestHost forked = std::move(Host());
  // The same key, another history: a copied disk, or a past made anew.
  Event first = forked.Said()[0];
  first.detail = "another first";
  Event second = first;
  second.seq = 2;
  second.previous = HashEvent(first);
  const EventBatch batch{forked.Id(), {first, second}};
  EXPECT_EQ(HandIn(forked.Id(), *Seal(Purpose::kEvents, EncodeEventBatch(batch), forked.AuditKey())), "broken-chain");
  const EventBatch tail{forked.Id(), {second}};
  EXPECT_EQ(HandIn(forked.Id(), *Seal(Purpose::kEvents, EncodeEventBatch(tail), forked.AuditKey())), "broken-chain");
  EXPECT_EQ(Kept(), std::vector<std::uint64_t>{1});
}

// The link or the network says "it is active": without the audit key that is worth nothing.
TEST_F(Batches, AForgedAcknowledgementIsWorthless) {
  const auto request = Approved({"host1"});
  const auto grant = Only(request.id);
  TestHost other;
  Event event;
  event.seq = 1;
  event.at = now;
  event.boot = "boot1";
  event.kind = EventKind::kGrantActive;
  event.grant = grant.id.Text();
  event.outcome = "ok";
  const EventBatch batch{Host().Id(), {event}};
  EXPECT_EQ(HandIn(Host().Id(), *Seal(Purpose::kEvents, EncodeEventBatch(batch), other.AuditKey())), "bad-signature");
  EXPECT_EQ(HandIn(Host().Id(), *Seal(Purpose::kReceipt, EncodeEventBatch(batch), Host().AuditKey())), "wrong-purpose");
  EXPECT_EQ(HandIn(Host().Id(), "no envelope"), "malformed");
  EXPECT_EQ(Only(request.id).state, GrantState::kWaiting);
  std::string flipped = *Seal(Purpose::kEvents, EncodeEventBatch(batch), Host().AuditKey());
  for (std::size_t i = 0; i < flipped.size(); ++i) {
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_NE(HandIn(Host().Id(), flipped), "ok") << i;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
  }
  EXPECT_EQ(Only(request.id).state, GrantState::kWaiting);
  EXPECT_EQ(HandIn(Host().Id(), flipped), "ok");
  EXPECT_EQ(Only(request.id).state, GrantState::kActive);
}

TEST_F(Batches, AHostSpeaksForItselfOnly) {
  TestHost& second = Enrol("host2");
  const auto request = Approved({"host1"});
  const auto grant = Only(request.id);
  second.Say(EventKind::kGrantActive, now, grant.id.Text());
  second.SayReceipt(grant.id, now, "revoked");
  EXPECT_EQ(HandIn(second), "ok") << "its events are kept";
  EXPECT_EQ(Only(request.id).state, GrantState::kWaiting) << "and mean nothing for another host's grant";
  const EventBatch batch{Host().Id(), second.Said()};
  EXPECT_EQ(HandIn(second.Id(), *Seal(Purpose::kEvents, EncodeEventBatch(batch), second.AuditKey())), "other-host");
}

TEST_F(Batches, AReceiptMustBeTheHostsOwnForThatGrant) {
  const auto request = Approved({"host1"});
  const auto grant = Only(request.id);
  Activate(Host(), grant.id);
  const auto stranger = *PrivateKey::Generate();
  const Receipt receipt{Host().Id(), grant.id, now, now, "revoked", true, true, {}};
  Host().Say(EventKind::kReceipt, now, grant.id.Text()).attachment = *Seal(Purpose::kReceipt, EncodeReceipt(receipt), stranger);
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(Only(request.id).state, GrantState::kActive);
  Receipt other = receipt;
  other.grant = *GrantId::Parse("g-00000000000000000000");
  Host().Say(EventKind::kReceipt, now, grant.id.Text()).attachment = *Seal(Purpose::kReceipt, EncodeReceipt(other), Host().AuditKey());
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(Only(request.id).state, GrantState::kActive);
  EXPECT_EQ(Log(Severity::kAlarm).size(), 2U);
}

TEST_F(Batches, AnAcknowledgementOfWhatWasNeverSealedIsAnAlarm) {
  Host().Say(EventKind::kBundleAccepted, now, "", 99);
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(store->FindHost(Host().Id())->acked, 0U);
  EXPECT_EQ(Log(Severity::kAlarm).size(), 1U);
}

TEST_F(Batches, RemovedHostsAreNotHeard) {
  ASSERT_TRUE(Remove("host1"));
  Host().Say(EventKind::kHeartbeat, now);
  EXPECT_EQ(HandIn(Host()), "unknown-key");
  EXPECT_FALSE(fleet->IsEnrolled(Host().Id()));
  EXPECT_TRUE(Kept().empty());
}

TEST_F(Batches, OffersWhatTheLinkLacks) {
  AgentFacts facts;
  facts.format = 1;
  fleet->Connected(Host().Id(), facts);
  EXPECT_TRUE(fleet->IsOnline(Host().Id()));
  const auto offers = fleet->OffersFor(Host().Id());
  ASSERT_EQ(offers.size(), 2U);
  EXPECT_EQ(offers[0], workflow->Keys().sealed_roles);
  EXPECT_EQ(Host().Take(offers[1], workflow->Keys().roles, now), "ok");
  EXPECT_TRUE(fleet->OffersFor(Host().Id()).empty()) << "nothing twice";
  const auto request = Approved({"host1"});
  ASSERT_EQ(fleet->OffersFor(Host().Id()).size(), 1U);
  facts.roles_version = 1;
  facts.epoch = 1;
  facts.version = store->FindHost(Host().Id())->version;
  fleet->Connected(Host().Id(), facts);
  EXPECT_TRUE(fleet->OffersFor(Host().Id()).empty());
  fleet->Disconnected(Host().Id());
  EXPECT_FALSE(fleet->IsOnline(Host().Id()));
  EXPECT_TRUE(fleet->OffersFor(Host().Id()).empty());
}

TEST_F(Batches, WhatALinkSaysIsShownEscaped) {
  AgentFacts facts;
  facts.sudo = "sudo \x1b[31m1.9";
  fleet->Connected(Host().Id(), facts);
  EXPECT_EQ(store->FindHost(Host().Id())->facts.sudo.find('\x1b'), std::string::npos);
}

TEST_F(Batches, AHostThatLostWhatItHadOnAStandingLineIsSentItAgain) {
  AgentFacts facts;
  fleet->Connected(Host().Id(), facts);
  ASSERT_EQ(fleet->OffersFor(Host().Id()).size(), 2U);
  fleet->Changed(Host().Id(), facts);
  EXPECT_TRUE(fleet->OffersFor(Host().Id()).empty()) << "said while what was sent is on its way";
  facts.roles_version = 1;
  facts.epoch = 1;
  facts.version = store->FindHost(Host().Id())->version;
  fleet->Changed(Host().Id(), facts);
  EXPECT_TRUE(fleet->OffersFor(Host().Id()).empty());
  facts.version = 0;
  facts.epoch = 0;
  fleet->Changed(Host().Id(), facts);
  EXPECT_EQ(fleet->OffersFor(Host().Id()), std::vector<std::string>{store->BundleOf(Host().Id())});
  facts.roles_version = 0;
  fleet->Changed(Host().Id(), facts);
  EXPECT_EQ(fleet->OffersFor(Host().Id()), std::vector<std::string>{workflow->Keys().sealed_roles});
}

}  // namespace
}  // namespace curfew::test
