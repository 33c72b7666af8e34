// SPDX-License-Identifier: Apache-2.0
// A gate that answers as told, on a real SOCK_SEQPACKET socket: what the enforcer might say, and what it never should.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pam_module/frame.h"

namespace curfew {

enum class Reply {
  kAllow,
  kDeny,
  kVerdictTwo,      // no such verdict
  kVerdictMax,      // no such verdict
  kWrongMagic,      // an allow
  kQuestionMagic,   // an allow
  kWrongVersion,    // an allow
  kShort,           // an allow, its last byte missing
  kLong,            // an allow and a byte
  kEmpty,           // a packet of nothing
  kGarbage,
  kEndlessMessage,  // an allow whose message has no NUL
  kClose,           // hangs up unread
  kHear,            // hears the question and hangs up
  kAllowReleased,   // hears the question, waits for Release(), allows
  kSilent,          // hears the question and says nothing until asked again or stopped
};

class FakeGate {
 public:
  FakeGate(Reply reply, std::string message, const std::string& path = "gate.sock");
  ~FakeGate();
  FakeGate(const FakeGate&) = delete;
  FakeGate& operator=(const FakeGate&) = delete;

  // Waits until `count` questions have come (they may be told one way), then returns all of them.
  std::vector<CurfewQuestion> Questions(size_t count);
  void Release();
  // What has come by now.
  std::vector<CurfewQuestion> QuestionsSoFar();

 private:
  void Serve();
  void Answer(int connection);
  void Note(const CurfewQuestion& question);

  const Reply reply_;
  const std::string message_;
  int listener_ = -1;
  int stop_ = -1;
  int noted_ = -1;
  int released_ = -1;
  int silent_ = -1;
  std::mutex mutex_;
  std::vector<CurfewQuestion> questions_;
  std::thread server_;
};

}  // namespace curfew
