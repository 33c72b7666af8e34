// SPDX-License-Identifier: Apache-2.0
// Order of a start: state from the disk, verified again → accounts looked up → first turn → ready → gate and link.
#include "agent/enforcer/enforcer.h"

#include "agent/enforcer/offers/status_wire.h"
#include "agent/enforcer/sessions/late.h"
#include "agent/host_settings/sudoers_file.h"
#include "core/host_files.h"
#include "os/machine.h"
#include "os/memory.h"
#include "os/process.h"
#include "os/service.h"
#include "os/users.h"

namespace curfew {
namespace {

constexpr const char* kLinkUser = "curfew";
// How long a start waits, once for the user database (the durable list serves without it) and once more for visudo and the disk: the
// gate is to answer, and both waits together are to end, long before the service manager gives the start up.
constexpr Seconds kPatience{3};

Result<FileDescriptor> OpenGate(const Paths& paths) {
  for (auto& passed : TakePassedSockets()) {
    if (passed.name.find("gate") != std::string::npos) return std::move(passed.socket);
  }
  return ListenAt(paths.GateSocket(), SocketKind::kPackets, 0600, std::nullopt);
}

}  // namespace

Result<Openings> OpenAll(const Paths& paths) {
  std::vector<Finding> findings;
  if (auto run = Ground(paths).OpenRun(findings); !run) return Failure(run.error());
  auto gate = OpenGate(paths);
  if (!gate) return Failure(gate.error());
  const auto group = LookUpGroup(kLinkUser);
  const auto user = LookUpUser(kLinkUser);
  std::optional<Error> link_error;
  auto link = ListenAt(paths.LinkSocket(), SocketKind::kStream, 0660, group.value_or(std::nullopt));
  if (!link) {
    link_error = link.error();
    link = ListenAt(paths.LinkSocket(), SocketKind::kStream, 0600, std::nullopt);
  }
  if (!link) return Failure(link.error());
  auto utc = TimerFd::OnUtc();
  auto boot = TimerFd::OnBoot();
  auto tick = TimerFd::OnBoot();
  auto inotify = Inotify::Create();
  for (const auto* timer : {&utc, &boot, &tick}) {
    if (!*timer) return Failure(timer->error());
  }
  if (!inotify) return Failure(inotify.error());
  return Openings{*std::move(gate), *std::move(link), link_error,       user.value_or(std::nullopt),
                  *std::move(utc),  *std::move(boot), *std::move(tick), *std::move(inotify)};
}

Enforcer::Enforcer(boost::asio::io_context& io, Paths paths, Footing footing, Openings openings)
    : io_(io),
      paths_(std::move(paths)),
      footing_(std::move(footing)),
      waker_(io),
      disk_(io),
      slow_(io),
      end_worker_(io),
      ends_(end_worker_),
      asker_(io),
      programs_(io),
      ground_(paths_),
      batches_(disk_, footing_.store, [this](const Result<void>& sent) { SayOfRecord(sent); }),
      journal_(disk_, footing_.store, footing_.remembered.spool,
               [this] { Written(); }),
      alarms_(journal_),
      refusals_(journal_),
      accounts_(slow_, waker_, in_force_),
      book_(ground_),
      ender_({io, footing_.tree, ends_, slow_, paths_.root}),
      aftermath_({io, paths_, book_, ender_, footing_.tree, ends_, journal_, alarms_, waker_}),
      newcomers_({book_, aftermath_, footing_.tree, ends_, journal_, waker_, paths_.root}),
      strangers_({io, book_, newcomers_, footing_.tree, ends_, slow_, journal_, paths_.root}),
      check_(programs_, asker_, ground_),
      applier_({in_force_, ground_, check_, book_, aftermath_, journal_, alarms_, waker_, disk_, footing_.host,
                [this](const std::set<GrantId>& grants, const std::string& why) { chronicle_.NoteRefused(grants, why); }}),
      chronicle_(in_force_, journal_, alarms_, aftermath_),
      sshd_(paths_, asker_, alarms_, waker_),
      survey_(asker_, paths_,
              [this] {
                link_server_.PushStatus();
                LookAround();
              }),
      clockwork_(io, std::move(openings.utc), std::move(openings.boot), std::move(openings.tick)),
      watcher_(io, std::move(openings.inotify), paths_),
      loop_({in_force_, ground_, book_, applier_, aftermath_, newcomers_, chronicle_, alarms_, clockwork_, sshd_}),
      intake_(IntakeParts()),
      gate_(GateParts()),
      gate_server_(io, std::move(openings.gate), gate_, [this] { waker_.Wake(); }),
      link_server_(io, std::move(openings.link),
                   LinkServer::Parts{intake_, batches_,
                                     [this] {
                                       survey_.Renew(loop_.LastDesired().managed);
                                       return Status();
                                     },
                                     [this] { batches_.Push(in_force_.identity, journal_.Spool().depth); }, openings.link_uid}),
      patience_(io) {
  if (openings.link_error) alarms_.Raise("link.sock", openings.link_error->Text(), ReadNow().utc);
}

Intake::Parts Enforcer::IntakeParts() {
  return Intake::Parts{in_force_,
                       journal_,
                       refusals_,
                       alarms_,
                       disk_,
                       footing_.store,
                       [this](const Bundle& bundle) { loop_.Foresee(bundle); },
                       [this](const std::vector<GrantId>& intended) {
                         for (const auto& grant : intended) applier_.NoteIntended(grant);
                         accounts_.LookUpMissing();
                         Turn();
                       },
                       [this] {
                         accounts_.LookUpAll();
                         Turn();
                       },
                       [this](std::uint64_t seq) {
                         batches_.Delivered(seq);
                         batches_.Push(in_force_.identity, journal_.Spool().depth);
                       }};
}

Gatekeeper::Parts Enforcer::GateParts() {
  return Gatekeeper::Parts{[this]() -> const Desired& { return loop_.DesiredNow(); },
                           [this](const AccountName& account, SessionKind kind) { return BeginLate(in_force_, aftermath_, account, kind); },
                           book_,
                           journal_,
                           refusals_,
                           footing_.host};
}

void Enforcer::Start() {
  const Now now = ReadNow();
  in_force_.identity = footing_.identity;
  in_force_.traits = Traits();
  if (footing_.damage) {
    journal_.Note(DraftEvent(now.utc, EventKind::kRecovered, Severity::kAlarm,
                             "the state of this host was damaged and begins anew, the old one is kept as " + footing_.damage->kept +
                                 ": " + footing_.damage->why.Text()));
  }
  if (footing_.identity_error) in_force_.untrusted = footing_.identity_error->Text();
  if (auto restored = Restore(in_force_, std::move(footing_.remembered), now); !restored) {
    in_force_.unreadable = restored.error().Text();
  }
  if (footing_.left_behind) {
    journal_.Note(DraftEvent(now.utc, EventKind::kRecovered, Severity::kAlarm,
                             "the state here was another controller's, and waits for this host to join that one again, with " +
                                 std::to_string(*footing_.left_behind) + " events that it has not got"));
  }
  for (const auto& [id, known] : in_force_.known) applier_.NoteIntended(id);
  if (auto loaded = book_.Load(); !loaded) alarms_.Raise("sessions", loaded.error().Text(), now.utc);
  const auto seen = Observe(ground_, in_force_.traits, {}, now.utc);
  accounts_.Seed(seen.actual.managed);
  waker_.Attach([this] { begun_ ? Turn() : Begin(); });
  accounts_.LookUpAll();
  patience_.expires_after(kPatience);
  patience_.async_wait([this](const boost::system::error_code& stopped) {
    if (!stopped && !begun_) Begin();
  });
}

void Enforcer::Begin() {
  begun_ = true;
  patience_.expires_after(kPatience);
  patience_.async_wait([this](const boost::system::error_code& stopped) {
    if (!stopped) BeReady();
  });
  clockwork_.Start({[this] { Turn(); },
                    [this] {
                      journal_.Note(DraftEvent(ReadNow().utc, EventKind::kClockStep, Severity::kWarning, "the clock was set"));
                      Turn();
                    },
                    [this] {
                      NotifyAlive();
                      in_force_.traits = Traits();
                      survey_.Tick(loop_.LastDesired().managed);
                      accounts_.LookUpMissing();
                      journal_.Retry();
                      batches_.Push(in_force_.identity, journal_.Spool().depth);
                      loop_.Tick();
                      LookAround();
                      ReleaseIdleMemory();
                    }});
  Turn();
  watcher_.Start({[this] { waker_.Wake(); }, [this] { TakeIdentity(); }, [this] {
                    accounts_.LookUpAll();
                    LookAround();
                  }});
  gate_server_.Start();
  link_server_.Start();
  survey_.Renew(loop_.LastDesired().managed);
  if (!in_force_.identity && in_force_.untrusted.empty()) {
    LogLine(4, "this host has not joined, so nobody is gated; run: curfew-agent join");
  }
}

void Enforcer::Turn() {
  loop_.Turn();
  watcher_.Renew();
  std::set<std::string> files{paths_.Durable() + "/" + kManagedFile};
  for (const auto& booked : book_.All()) files.insert(footing_.tree.EventsPath(booked.session.scope));
  watcher_.Follow(files);
  // sshd starts after us: what the bundle gives, and who is gated, stands by then.
  if (!check_.IsBusy() && !applier_.Managed().IsWriting()) BeReady();
}

void Enforcer::BeReady() {
  if (std::exchange(ready_, true)) return;
  patience_.cancel();
  NotifyReady("bundle " + (in_force_.mark ? std::to_string(in_force_.mark->version) : "none"));
}

void Enforcer::LookAround() {
  strangers_.LookAround(loop_.LastDesired(), survey_.Holds(Layer::kPam));
  const auto sees = SeesAllProcesses();
  if (sees) return alarms_.Clear("proc", ReadNow().utc);
  alarms_.Raise("proc", "what outlives a grant cannot be found, so no end is proved: " + sees.error().Text(), ReadNow().utc);
}

// Nothing of another identity is taken up in the middle of a life: what is durable for it is read by a start alone.
void Enforcer::TakeIdentity() {
  const auto read = ReadIdentity(paths_);
  const std::optional<Identity> identity = read ? *read : std::nullopt;
  if (read && !identity) return;
  in_force_.untrusted = read ? "" : read.error().Text();
  if (identity && identity != in_force_.identity) {
    LogLine(5, "this host has joined, or joined anew: starting again with the state that goes with that");
    return Stop();
  }
  waker_.Wake();
}

SudoTraits Enforcer::Traits() const {
  const auto sudos = FindSudos(paths_);
  return SudoTraits{std::none_of(sudos.begin(), sudos.end(), [](const SudoProgram& sudo) { return sudo.rs; })};
}

std::string Enforcer::Status() const {
  auto alarms = alarms_.Sentences();
  if (!journal_.MayGive() && !journal_.IsFull()) alarms.push_back("nothing new is granted, " + journal_.WhyNot());
  const std::string sudo = survey_.Sudo().empty() ? "" : "sudo " + survey_.Sudo();
  const std::string sshd = survey_.Sshd().empty() ? "" : "OpenSSH_" + survey_.Sshd();
  return EncodeStatus(StatusFacts{in_force_, loop_.LastDesired(), journal_.Spool(), journal_.IsWritten(), batches_.HasLink(),
                                  std::move(alarms), sudo, sshd, survey_.Layers()});
}

void Enforcer::Written() {
  batches_.Push(in_force_.identity, journal_.Spool().depth);
  // What was held back while the disk refused, or the spool was full, is due now.
  if (journal_.MayGive() && !could_give_) waker_.Wake();
  could_give_ = journal_.MayGive();
  if (journal_.IsFull()) {
    alarms_.Raise("spool", "nothing new is granted, " + journal_.WhyNot(), ReadNow().utc, EventKind::kSpoolFull);
  } else {
    alarms_.Clear("spool", ReadNow().utc);
  }
  if (stopping_ && journal_.IsIdle()) io_.stop();
}

void Enforcer::SayOfRecord(const Result<void>& sent) {
  constexpr const char* kRecord = "record";
  const Instant now = ReadNow().utc;
  if (sent) return alarms_.Clear(kRecord, now);
  alarms_.Raise(kRecord, "the record of this host, on its way to the controller: " + sent.error().Text(), now);
}

void Enforcer::Stop() {
  NotifyStopping();
  stopping_ = true;
  journal_.Close();
  if (journal_.IsIdle()) io_.stop();
}

}  // namespace curfew
