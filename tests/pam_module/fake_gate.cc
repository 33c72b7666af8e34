// SPDX-License-Identifier: Apache-2.0
// See fake_gate.h. One thread serves one connection at a time, as the real gate's answers are that short.
#include "tests/pam_module/fake_gate.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace curfew {

namespace {

int Listen(const std::string& path) {
  const int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  unlink(path.c_str());
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 64) != 0) {
    throw std::runtime_error("the fake gate cannot listen on " + path);
  }
  return listener;
}

CurfewAnswer Whole(uint8_t verdict, const std::string& message) {
  CurfewAnswer answer{};
  answer.magic = kCurfewAnswerMagic;
  answer.version = kCurfewFrameVersion;
  answer.verdict = verdict;
  message.copy(answer.message, sizeof answer.message - 1);
  return answer;
}

// The packet that `reply` stands for; everything but kAllow and kDeny is an allow spoiled in one place.
std::string Packet(Reply reply, const std::string& message) {
  CurfewAnswer answer = Whole(reply == Reply::kDeny ? kCurfewDeny : kCurfewAllow, message);
  if (reply == Reply::kVerdictTwo) answer.verdict = 2;
  if (reply == Reply::kVerdictMax) answer.verdict = 255;
  if (reply == Reply::kWrongMagic) answer.magic ^= 1;
  if (reply == Reply::kQuestionMagic) answer.magic = kCurfewQuestionMagic;
  if (reply == Reply::kWrongVersion) answer.version = 2;
  if (reply == Reply::kEndlessMessage) std::memset(answer.message, 'x', sizeof answer.message);
  std::string packet(reinterpret_cast<const char*>(&answer), sizeof answer);
  if (reply == Reply::kShort) packet.pop_back();
  if (reply == Reply::kLong) packet.push_back('\0');
  if (reply == Reply::kEmpty) packet.clear();
  if (reply == Reply::kGarbage) packet.assign(packet.size(), '\x01');
  return packet;
}

}  // namespace

FakeGate::FakeGate(Reply reply, std::string message, const std::string& path)
    : reply_(reply),
      message_(std::move(message)),
      listener_(Listen(path)),
      stop_(eventfd(0, EFD_CLOEXEC)),
      noted_(eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE)),
      released_(eventfd(0, EFD_CLOEXEC)),
      server_([this] { Serve(); }) {}

FakeGate::~FakeGate() {
  eventfd_write(stop_, 1);
  server_.join();
  for (const int fd : {listener_, stop_, noted_, released_, silent_}) {
    if (fd >= 0) close(fd);
  }
}

void FakeGate::Serve() {
  for (;;) {
    pollfd ready[] = {{listener_, POLLIN, 0}, {stop_, POLLIN, 0}};
    if (poll(ready, 2, -1) < 0) continue;
    if (ready[0].revents == 0) return;
    int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    if (reply_ != Reply::kClose) Answer(connection);
    if (reply_ == Reply::kSilent) std::swap(silent_, connection);
    if (connection >= 0) close(connection);
  }
}

void FakeGate::Answer(int connection) {
  CurfewQuestion question{};
  if (recv(connection, &question, sizeof question, MSG_TRUNC) != static_cast<ssize_t>(sizeof question)) return;
  Note(question);
  if (reply_ == Reply::kAllowReleased) {
    eventfd_t any = 0;
    eventfd_read(released_, &any);
  }
  if (reply_ != Reply::kSilent && reply_ != Reply::kHear) {
    const std::string packet = Packet(reply_, message_);
    send(connection, packet.data(), packet.size(), MSG_NOSIGNAL);
  }
}

void FakeGate::Note(const CurfewQuestion& question) {
  const std::lock_guard lock(mutex_);
  questions_.push_back(question);
  eventfd_write(noted_, 1);
}

void FakeGate::Release() { eventfd_write(released_, 1); }

std::vector<CurfewQuestion> FakeGate::Questions(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    eventfd_t one = 0;
    eventfd_read(noted_, &one);
  }
  return QuestionsSoFar();
}

std::vector<CurfewQuestion> FakeGate::QuestionsSoFar() {
  const std::lock_guard lock(mutex_);
  return questions_;
}

}  // namespace curfew
