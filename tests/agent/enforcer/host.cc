// SPDX-License-Identifier: Apache-2.0
// The root is below /run: root's all the way up, as the enforcer demands.
#include "tests/agent/enforcer/host.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/base64.h"
#include "core/codec.h"
#include "os/inotify.h"

namespace curfew::test {
namespace {

std::string Binary(const char* name = "/agent/enforcer/curfew-enforcer") {
  const char* folder = std::getenv("CURFEW_BINARY_DIR");  // NOLINT(concurrency-mt-unsafe): no thread writes it
  return std::string(folder == nullptr ? "." : folder) + name;
}

void WriteFile(const std::string& path, const std::string& text, mode_t mode) {
  std::ofstream(path) << text;
  ::chmod(path.c_str(), mode);
}

}  // namespace

Host::Host(bool enrolled) {
  std::string pattern = "/run/curfew-test-XXXXXX";
  root_ = ::mkdtemp(pattern.data());
  ::chmod(root_.c_str(), 0755);
  for (const char* folder : {"/etc", "/etc/curfew", "/run", "/run/curfew", "/var", "/var/lib", "/var/lib/curfew"}) {
    ::mkdir(Path(folder).c_str(), 0755);
  }
  ::mkdir(Path("/var/lib/curfew/state").c_str(), 0700);
  for (const char* folder : {"/usr", "/usr/sbin"}) ::mkdir(Path(folder).c_str(), 0755);
  for (const char* program : {"/usr/sbin/visudo", "/usr/sbin/sshd"}) {
    if (::symlink(program, Path(program).c_str()) != 0) ADD_FAILURE() << program;
  }
  if (enrolled) Enrol();
}

Host::~Host() {
  process_.reset();
  Run("rm -rf " + root_);
}

void Host::Enrol(std::string_view owner) const {
  const PublicKey root = TestKey(controller.RootKey()).Public();
  WriteFile(Path("/var/lib/curfew/state/audit.key"), std::string(TestKey("audit").Seed()), 0600);
  WriteFile(Path("/etc/curfew/trusted_root.json.new"),
            R"({"host_id":")" + TestHost().Hex() + R"(","owner":")" + (owner.empty() ? root : TestKey(owner).Public()).Id().Hex() + R"(","root_keys":[")" + EncodeBase64(root.Raw()) +
                R"("],"root_threshold":1})",
            0644);
  ::rename(Path("/etc/curfew/trusted_root.json.new").c_str(), Path("/etc/curfew/trusted_root.json").c_str());
}

void Host::Leave() const { ::unlink(Path("/etc/curfew/trusted_root.json").c_str()); }

ChildEnd Host::AwaitEnd() {
  spool_.reset();
  const ChildEnd end = process_->Wait(Millis{10000});
  process_.reset();
  return end;
}

void Host::Start(const std::string& notify) {
  // link.sock is made before the first turn and answered after it, so the first answer means "ready".
  const std::string socket = Path("/run/curfew/link.sock");
  auto watch = Inotify::Create();
  ASSERT_TRUE(watch.has_value());
  ASSERT_TRUE(watch->WatchDirectory(Path("/run/curfew")).has_value());
  ::unlink(socket.c_str());
  std::vector<std::string> command{Binary(), "--root", root_};
  if (!notify.empty()) command.insert(command.begin(), {"/usr/bin/env", "NOTIFY_SOCKET=" + notify});
  auto child = Child::Start(command);
  ASSERT_TRUE(child.has_value()) << child.error().Text();
  process_.emplace(*std::move(child));
  for (std::unique_ptr<LinkWire> wire; !wire;) {
    wire = std::make_unique<LinkWire>(socket);
    if (wire->IsConnected()) break;
    wire.reset();
    pollfd ready[] = {{watch->Number(), POLLIN, 0}, {process_->Number(), POLLIN, 0}};
    ASSERT_GT(::poll(ready, 2, 10000), 0) << "no link.sock within ten seconds";
    if (ready[1].revents != 0) FAIL() << "the enforcer ended: " << process_->Reap().output;
    static_cast<void>(watch->Take());
  }
  ASSERT_EQ(Status().mode(), "enforce");
  Subscribe();
}

void Host::Kill() {
  spool_.reset();
  process_.reset();
}

ChildEnd Host::RunAnother() const {
  auto child = Child::Start({Binary(), "--root", root_});
  return child ? child->Wait(Millis{10000}) : ChildEnd{};
}

ChildEnd Host::RunTool(const std::string& verb) const {
  auto child = Child::Start({Binary("/agent/tool/curfew-agent"), "--root", root_, verb});
  return child ? child->Wait(Millis{10000}) : ChildEnd{};
}

void Host::Give() {
  ASSERT_EQ(OfferWord(controller.Roles()), "accepted");
  ASSERT_EQ(OfferWord(controller.NextBundle()), "accepted");
}

proto::LocalVerdict Host::Offer(const std::string& sealed) const {
  proto::LocalVerdict verdict;
  verdict.ParseFromString(LinkWire(Path("/run/curfew/link.sock")).Ask(LocalKind::kOffer, sealed));
  return verdict;
}

std::string Host::OfferWord(const std::string& sealed) const {
  const auto verdict = Offer(sealed);
  return verdict.accepted() ? "accepted" : verdict.reason();
}

proto::LocalStatus Host::Status() const {
  proto::LocalStatus status;
  status.ParseFromString(LinkWire(Path("/run/curfew/link.sock")).Ask(LocalKind::kStatus, {}));
  return status;
}

std::string Host::Alarms() const {
  std::string lines;
  const auto status = Status();
  for (const auto& alarm : status.alarms()) lines += alarm + "\n";
  return lines;
}

std::unique_ptr<LinkWire> Host::Subscribe() {
  auto before = std::exchange(spool_, std::make_unique<LinkWire>(Path("/run/curfew/link.sock")));
  spool_->Send(LocalKind::kSubscribe, {});
  return before;
}

void Host::TakeBatch() {
  HearBatch();
  if (::testing::Test::HasFatalFailure()) return;
  ASSERT_EQ(OfferWord(controller.Delivered(events_.back())), "accepted");
}

void Host::HearInVain(EventKind kind) {
  for (HearBatch(); !::testing::Test::HasFatalFailure() && events_.back().kind != kind; HearBatch()) {
    ASSERT_EQ(OfferWord(controller.Delivered(events_.back())), "accepted");
  }
}

void Host::HearBatch() {
  ASSERT_NE(spool_, nullptr) << "the enforcer does not run";
  auto frame = spool_->Receive();
  // What the host has is told whenever it changes.
  while (frame && frame->kind == LocalKind::kStatusAnswer) frame = spool_->Receive();
  ASSERT_TRUE(frame.has_value()) << "no event within ten seconds; there were " << events_.size();
  ASSERT_EQ(frame->kind, LocalKind::kBatch);
  const auto verified = Verify(frame->body, Purpose::kEvents, Role{1, {TestKey("audit").Public()}});
  ASSERT_EQ(Denied(verified), nullptr);
  auto batch = DecodeEventBatch(std::get<Verified>(verified));
  ASSERT_TRUE(batch.has_value()) << batch.error().Text();
  ASSERT_EQ(batch->host, TestHost());
  for (auto& event : batch->events) {
    // A link that came anew may get again what it got before.
    if (!events_.empty() && event.seq <= events_.back().seq) continue;
    ASSERT_EQ(event.seq, events_.empty() ? 1 : events_.back().seq + 1);
    ASSERT_EQ(event.previous, events_.empty() ? ContentHash() : HashEvent(events_.back()));
    events_.push_back(std::move(event));
  }
}

const Event& Host::Await(EventKind kind, const std::string& grant) {
  static const Event kNone;
  for (;;) {
    for (const auto& event : events_) {
      if (event.kind == kind && (grant.empty() || event.grant == grant)) return event;
    }
    TakeBatch();
    if (::testing::Test::HasFatalFailure()) return kNone;
  }
}

std::size_t Host::Count(EventKind kind) const {
  return static_cast<std::size_t>(std::count_if(events_.begin(), events_.end(), [&](const Event& event) { return event.kind == kind; }));
}

std::optional<std::string> Host::Read(const std::string& below) const {
  const std::ifstream file(Path(below));
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool Host::AwaitFile(const std::string& below, const std::function<bool(const std::optional<std::string>&)>& fits) const {
  auto watch = Inotify::Create();
  if (!watch || !watch->WatchDirectory(Path(below.substr(0, below.rfind('/'))))) return false;
  while (!fits(Read(below))) {
    pollfd ready{watch->Number(), POLLIN, 0};
    if (::poll(&ready, 1, 10000) <= 0) return false;
    static_cast<void>(watch->Take());
  }
  return true;
}

bool Host::Asks(CurfewQuestionKind kind, CurfewService service, const std::string& account) const {
  const auto answer = AskGate(Path("/run/curfew/gate.sock"), QuestionOf(kind, service, account));
  return answer && answer->verdict == kCurfewAllow;
}

void Host::Run(const std::string& command) const {
  auto child = Child::Start({"/bin/sh", "-c", command});
  if (child) static_cast<void>(child->Wait(Millis{10000}));
}

void Host::KnowSession(const std::string& id, const std::string& service, pid_t leader) const {
  Run("mkdir -p " + Path("/run/systemd/sessions"));
  WriteFile(Path("/run/systemd/sessions/" + id), "SERVICE=" + service + "\nLEADER=" + std::to_string(leader) + "\n", 0644);
}

}  // namespace curfew::test
