// SPDX-License-Identifier: Apache-2.0
// POST /v1/enroll over real HTTPS on loopback, answered as the controller answers it, with a real CA and a real root
// key.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "controller/identity/ca.h"
#include "controller/identity/tls_context.h"
#include "core/signature.h"
#include "os/file_descriptor.h"

namespace curfew::test {

struct PortAnswer {
  int status = 200;
  std::string body;
};

class EnrolmentPort {
 public:
  EnrolmentPort();
  ~EnrolmentPort();
  EnrolmentPort(const EnrolmentPort&) = delete;
  EnrolmentPort& operator=(const EnrolmentPort&) = delete;

  [[nodiscard]] std::string Url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] const std::string& CaPem() const { return ca_.CertificatePem(); }
  /// The root key changes: what another installation would answer.
  void ChangeRoot();
  /// Refuses with this problem from now on.
  void Refuse(int status, std::string problem) { refusal_ = {status, std::move(problem)}; }
  /// The next line is cut once its request was heard.
  void CutOnce() { cut_ = true; }
  [[nodiscard]] int Asked() const { return asked_; }

 private:
  void Serve();
  void Talk(int client);
  [[nodiscard]] PortAnswer Answer(const std::string& body);

  CertificateAuthority ca_;
  ServerTls tls_;
  PrivateKey root_;
  PortAnswer refusal_;
  FileDescriptor listener_;
  int port_ = 0;
  int asked_ = 0;
  bool cut_ = false;
  std::thread thread_;
};

}  // namespace curfew::test
