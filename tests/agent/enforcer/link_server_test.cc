// SPDX-License-Identifier: Apache-2.0
// The real link.sock, with the user curfew behaving badly: root is always heard, and who is silent or stops in the middle
// of a frame is sent away.
#include "agent/enforcer/offers/link_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "agent/enforcer/offers/status_wire.h"
#include "agent/local_frame.h"
#include "os/unix_socket.h"

namespace curfew::test {
namespace {

constexpr uid_t kLink = 65534;
constexpr int kMany = 40;

/// One end of link.sock, not blocking.
class Caller {
 public:
  Caller(const std::string& path, uid_t uid) {
    socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    // The kernel notes the effective uid of that moment.
    EXPECT_EQ(::seteuid(uid), 0);
    EXPECT_EQ(::connect(socket_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);  // NOLINT: C's signature
    EXPECT_EQ(::seteuid(0), 0);
  }
  void Send(LocalKind kind, std::size_t length = 0) const {
    const auto header = WriteLocalHeader(LocalHeader{kind, static_cast<std::uint32_t>(length)});
    SendRaw(std::string(header.begin(), header.end()));
  }
  void SendRaw(const std::string& bytes) const { static_cast<void>(::send(socket_.Get(), bytes.data(), bytes.size(), MSG_NOSIGNAL)); }
  [[nodiscard]] bool HasAnswer() const {
    char byte = 0;
    return ::recv(socket_.Get(), &byte, 1, MSG_PEEK) == 1;
  }
  /// What was sent to it is read away.
  [[nodiscard]] bool IsClosed() const {
    char byte = 0;
    ssize_t got = 1;
    while (got > 0) got = ::recv(socket_.Get(), &byte, 1, 0);
    return got == 0 || errno != EAGAIN;
  }

 private:
  FileDescriptor socket_;
};

class LinkSocket : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    auto store = StateFile::Open(folder_ + "/state.db", "boot");
    ASSERT_TRUE(store.has_value());
    store_ = std::make_shared<StateFile>(*std::move(store));
    journal_ = std::make_unique<Journal>(disk_, store_, SpoolMark{}, [] {});
    refusals_ = std::make_unique<Refusals>(*journal_);
    alarms_ = std::make_unique<Alarms>(*journal_);
    batches_ = std::make_unique<Batches>(disk_, store_, [](const Result<void>&) {});
    intake_ = std::make_unique<Intake>(Intake::Parts{in_force_, *journal_, *refusals_, *alarms_, disk_, store_, [](const Bundle&) {},
                                                     [](const std::vector<GrantId>&) {}, [] {}, [](std::uint64_t) {}});
  }
  void TearDown() override {
    io_.stop();
    std::filesystem::remove_all(folder_);
  }
  void Listen(Millis patience) {
    auto socket = ListenAt(Path(), SocketKind::kStream, 0666, std::nullopt);
    ASSERT_TRUE(socket.has_value()) << socket.error().Text();
    number_ = socket->Get();
    door_ = FileDescriptor(::dup(number_));
    ::chmod(folder_.c_str(), 0755);
    server_ = std::make_unique<LinkServer>(
        io_, *std::move(socket), LinkServer::Parts{*intake_, *batches_, [] { return std::string("status"); }, [] {}, kLink, patience});
    server_->Start();
  }
  [[nodiscard]] std::string Path() const { return folder_ + "/link.sock"; }
  template <class Done>
  [[nodiscard]] bool Until(Done done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done() && std::chrono::steady_clock::now() < limit) io_.run_one_for(std::chrono::milliseconds(50));
    return done();
  }

  std::string folder_ = "/run/curfew-link-XXXXXX";
  int number_ = -1;      ///< where the server listens
  FileDescriptor door_;  ///< the same socket
  boost::asio::io_context io_;
  Worker disk_{io_};
  InForce in_force_;
  std::shared_ptr<StateFile> store_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Refusals> refusals_;
  std::unique_ptr<Alarms> alarms_;
  std::unique_ptr<Batches> batches_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<LinkServer> server_;
};

TEST_F(LinkSocket, HearsRootWhileTheLinkHoldsAllThatItCan) {
  Listen(Millis{600000});
  std::vector<std::unique_ptr<Caller>> link;
  for (int i = 0; i < kMany; ++i) {
    link.push_back(std::make_unique<Caller>(Path(), kLink));
    if (i % 2 == 0) link.back()->SendRaw("half");
  }
  const Caller root(Path(), 0);
  root.Send(LocalKind::kStatus);
  EXPECT_TRUE(Until([&] { return root.HasAnswer(); }));
  const Caller another(Path(), 0);
  another.Send(LocalKind::kRevokeAll);
  EXPECT_TRUE(Until([&] { return another.HasAnswer(); }));
  const auto open = std::count_if(link.begin(), link.end(), [](const auto& caller) { return !caller->IsClosed(); });
  EXPECT_EQ(open, 16);
}

TEST_F(LinkSocket, SendsAwayWhoIsSilentOrStopsInTheMiddle) {
  Listen(Millis{50});
  const Caller silent(Path(), kLink);
  const Caller half_header(Path(), kLink);
  half_header.SendRaw("hal");
  const Caller half_body(Path(), kLink);
  half_body.Send(LocalKind::kOffer, 1000);
  half_body.SendRaw("half");
  const Caller quiet_root(Path(), 0);
  for (const Caller* caller : {&silent, &half_header, &half_body, &quiet_root}) EXPECT_TRUE(Until([&] { return caller->IsClosed(); }));
}

TEST_F(LinkSocket, LetsASubscriberBeSilentBetweenFramesOnly) {
  Listen(Millis{50});
  const Caller link(Path(), kLink);
  link.Send(LocalKind::kSubscribe);
  ASSERT_TRUE(Until([&] { return batches_->HasLink(); }));
  // Another one comes and goes twice: by then the subscriber's patience would have been over.
  for (int i = 0; i < 2; ++i) {
    const Caller silent(Path(), kLink);
    ASSERT_TRUE(Until([&] { return silent.IsClosed(); }));
  }
  EXPECT_FALSE(link.IsClosed());
  link.SendRaw("half");
  EXPECT_TRUE(Until([&] { return link.IsClosed(); }));
  EXPECT_TRUE(Until([&] { return !batches_->HasLink(); }));
}

// The enforcer's loop is one thread: a door that fails each time must not keep it from what it has to end. Another socket in
// its place fails each time, as all do without a descriptor left, which the sanitizers cannot be without.
TEST_F(LinkSocket, DoesNotSpinWhileNobodyCanBeTaken) {
  Listen(Millis{600000});
  const FileDescriptor deaf(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ASSERT_EQ(::dup2(deaf.Get(), number_), number_);
  const Caller root(Path(), 0);
  root.Send(LocalKind::kStatus);
  int turns = 0;
  while (turns < kMany && io_.poll_one() > 0) ++turns;
  EXPECT_LT(turns, kMany);
  ASSERT_EQ(::dup2(door_.Get(), number_), number_);
  EXPECT_TRUE(Until([&] { return root.HasAnswer(); }));
}

TEST_F(LinkSocket, ALinkThatGoesLateTakesNothingFromTheOneThatCameAfter) {
  Listen(Millis{600000});
  auto first = std::make_unique<Caller>(Path(), kLink);
  first->Send(LocalKind::kSubscribe);
  ASSERT_TRUE(Until([&] { return batches_->HasLink(); }));
  const Caller second(Path(), kLink);
  second.Send(LocalKind::kStatus);
  second.Send(LocalKind::kSubscribe);
  ASSERT_TRUE(Until([&] { return second.HasAnswer(); }));
  first.reset();
  // Answered after the first one's end was seen: the loop takes what is ready in order.
  const Caller root(Path(), 0);
  root.Send(LocalKind::kStatus);
  ASSERT_TRUE(Until([&] { return root.HasAnswer(); }));
  EXPECT_TRUE(batches_->HasLink()) << "the new link gets no event any more";
}

}  // namespace
}  // namespace curfew::test
