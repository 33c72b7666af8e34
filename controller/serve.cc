// SPDX-License-Identifier: Apache-2.0
// Wiring of the running controller. One thread runs everything that decides.
#include "controller/serve.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "controller/api/api.h"
#include "controller/api/server.h"
#include "controller/fleet/listener.h"
#include "controller/identity/tls_context.h"
#include "controller/server_certificates.h"
#include "controller/store/sqlite_store.h"
#include "controller/workflow/fleet_authority.h"
#include "os/file_descriptor.h"
#include "os/file_lock.h"
#include "os/machine.h"
#include "os/service.h"

namespace curfew {
namespace {

namespace asio = boost::asio;

constexpr Millis kLongestSleep{10000};  ///< a clock that was set, or a poke that got lost, is noticed within this
constexpr Seconds kCertificateLooks{86400};

Instant WallClock() { return ReadNow().utc; }

void Log(const std::string& line) { std::fprintf(stderr, "curfew-controller: %s\n", line.c_str()); }  // NOLINT: journald reads it

/// Everything of one run, in the order of need.
class Running {
 public:
  Running(StateFolder folder, std::unique_ptr<SqliteStore> store, SigningKeys keys, CertificateAuthority authority,
          const ControllerSettings& settings)
      : folder_(std::move(folder)),
        settings_(settings),
        store_(std::move(store)),
        ca_(std::move(authority)),
        workflow_(*store_, std::move(keys), settings.workflow),
        fleet_(workflow_, ReadNow),
        api_(workflow_, {settings.agents_address, ca_.CertificatePem(), settings.session, Log},
             [this](std::string_view csr, const HostId& host) { return Certify(csr, host); },
             {[this](const HostId& host) { return fleet_.IsOnline(host); }, [this] { return fleet_.Online().size(); }}, ReadNow),
        timer_(io_),
        signals_(io_, SIGTERM, SIGINT),
        control_(io_) {}

  Result<void> Open();
  void Run() { io_.run(); }

 private:
  [[nodiscard]] Result<LinkCertificate> Certify(std::string_view csr, const HostId& host) const;
  Result<void> OpenPorts();
  Result<void> OpenControl(const std::string& path);
  void ListenToControl();
  /// Somebody else wrote to the store, perhaps: hosts removed, bundles sealed, a policy loaded.
  void CatchUp();
  void Turn();
  /// Once a day: a controller that runs for years shows no certificate that has ended.
  void LookAtCertificate();
  void Sleep(std::optional<Instant> until);
  void OnCommitted(const Committed& committed);
  void Stop();

  StateFolder folder_;
  ControllerSettings settings_;
  asio::io_context io_{1};
  std::unique_ptr<SqliteStore> store_;
  CertificateAuthority ca_;
  Workflow workflow_;
  FleetAuthority fleet_;
  Api api_;
  std::optional<ServerTls> tls_;
  std::unique_ptr<AgentListener> agents_;
  std::unique_ptr<ApiServer> people_;
  asio::steady_timer timer_;
  asio::signal_set signals_;
  asio::local::datagram_protocol::socket control_;
  std::array<char, 16> poke_{};
  std::int64_t generation_ = 0;
  BootInstant certificate_looked_{};
  bool turn_asked_ = false;
};

Result<void> Running::Open() {
  if (auto opened = OpenControl(folder_.Control()); !opened) return opened;
  workflow_.WhenCommitted([this](const Committed& committed) { OnCommitted(committed); });
  if (auto opened = OpenPorts(); !opened) return opened;
  signals_.async_wait([this](boost::system::error_code failed, int) {
    if (!failed) Stop();
  });
  ListenToControl();
  generation_ = store_->Generation();
  Turn();
  NotifyReady("serving");
  Log("people on " + settings_.api.address + ":" + std::to_string(people_->Port()) + ", hosts on " + settings_.agents.address + ":" +
      std::to_string(agents_->Port()));
  return {};
}

Result<LinkCertificate> Running::Certify(std::string_view csr, const HostId& host) const {
  auto pem = ca_.IssueHost(csr, host);
  if (!pem) return Failure(pem.error());
  const auto key = LinkKeyIn(*pem);
  if (!key) return Failure(key.error());
  return LinkCertificate{*std::move(pem), *key};
}

Result<void> Running::OpenPorts() {
  const Now now = ReadNow();
  const auto person_side = PeoplesCertificate(folder_, ca_, settings_.names, now.utc);
  if (!person_side) return Failure(person_side.error());
  certificate_looked_ = now.boot;
  const auto host_side = AgentsCertificate(folder_, ca_, settings_.names);
  if (!host_side) return Failure(host_side.error());
  auto tls = ServerTls::ForPeople(*person_side);
  if (!tls) return Failure(tls.error());
  tls_.emplace(std::move(*tls));
  ListenerSettings agents;
  agents.address = settings_.agents.address;
  agents.port = settings_.agents.port;
  agents.log = Log;
  auto listener = AgentListener::Open(io_, agents, *host_side, ca_.CertificatePem(), fleet_);
  if (!listener) return Failure(listener.error());
  agents_ = std::move(*listener);
  ApiServerSettings people;
  people.address = settings_.api.address;
  people.port = settings_.api.port;
  auto server = ApiServer::Open(io_, people, *tls_, api_);
  if (!server) return Failure(server.error());
  people_ = std::move(*server);
  return {};
}

Result<void> Running::OpenControl(const std::string& path) {
  ::unlink(path.c_str());
  boost::system::error_code failed;
  control_.open(asio::local::datagram_protocol(), failed);
  if (!failed) control_.bind(asio::local::datagram_protocol::endpoint(path), failed);
  if (failed) return Fail(Errc::kUnavailable, "cannot make the control socket: " + failed.message(), path);
  return {};
}

void Running::ListenToControl() {
  control_.async_receive(asio::buffer(poke_), [this](boost::system::error_code failed, std::size_t) {
    if (failed) return;
    CatchUp();
    Turn();
    ListenToControl();
  });
}

void Running::CatchUp() {
  try {
    const std::int64_t generation = store_->Generation();
    if (generation == generation_) return;
    people_->AnythingChanged();
    for (const auto& host : fleet_.Online()) {
      fleet_.IsEnrolled(host) ? agents_->Push(host) : agents_->Drop(host);
    }
    generation_ = generation;  // last: where the store fails, the rest hear of it in the next round
  } catch (const StoreFailure& failure) {
    Log(std::string("the store failed: ") + failure.what());
  }
}

void Running::Turn() {
  turn_asked_ = false;
  try {
    Sleep(workflow_.Turn(WallClock()));
  } catch (const StoreFailure& failure) {
    Log(std::string("the store failed: ") + failure.what());
    Sleep(std::nullopt);
  }
}

void Running::LookAtCertificate() {
  const Now now = ReadNow();
  if (now.boot - certificate_looked_ < kCertificateLooks) return;
  certificate_looked_ = now.boot;
  const auto shown = PeoplesCertificate(folder_, ca_, settings_.names, now.utc);
  const auto used = shown ? tls_->Show(*shown) : Result<void>(Failure(shown.error()));
  if (!used) Log("the server certificate could not be renewed: " + used.error().Text());
}

void Running::Sleep(std::optional<Instant> until) {
  Millis length = kLongestSleep;
  if (until) length = std::clamp(*until - WallClock(), Millis{0}, kLongestSleep);
  timer_.expires_after(length);
  timer_.async_wait([this](boost::system::error_code failed) {
    if (failed) return;
    CatchUp();
    LookAtCertificate();
    Turn();
  });
}

void Running::OnCommitted(const Committed& committed) {
  for (const auto& host : committed.recalled) agents_->Drop(host);
  for (const auto& host : committed.hosts) agents_->Push(host);
  for (const auto& request : committed.requests) people_->RequestChanged(request);
  if (turn_asked_ || committed.requests.empty()) return;
  turn_asked_ = true;
  asio::post(io_, [this] { Turn(); });
}

void Running::Stop() {
  NotifyStopping();
  timer_.cancel();
  boost::system::error_code ignored;
  control_.close(ignored);
  agents_->Stop();
  people_->Stop();
  // What a peer holds open must not hold up the end: everything that counts is committed.
  timer_.expires_after(Millis{1000});
  timer_.async_wait([this](boost::system::error_code) { io_.stop(); });
}

}  // namespace

Result<void> Serve(const StateFolder& folder, const ControllerSettings& settings) {
  const auto alone = LockFile(folder.File("serve.lock"), Millis{0});
  if (!alone) return Fail(alone.error().code, "another serve runs: " + alone.error().what, alone.error().where, "systemctl status curfew-controller");
  auto keys = LoadSigningKeys(folder);
  if (!keys) return Failure(keys.error());
  auto authority = LoadAuthority(folder);
  if (!authority) return Failure(authority.error());
  auto store = SqliteStore::Open(folder.Store());
  if (!store) return Failure(store.error());
  Running running(folder, std::move(*store), std::move(*keys), std::move(*authority), settings);
  if (auto opened = running.Open(); !opened) return opened;
  running.Run();
  return {};
}

void PokeServe(const StateFolder& folder) {
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder.Control();
  if (!socket.IsOpen() || path.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  static_cast<void>(::sendto(socket.Get(), "!", 1, MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), sizeof address));  // NOLINT: sockets API
}

}  // namespace curfew
