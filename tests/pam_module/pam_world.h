// SPDX-License-Identifier: Apache-2.0
// A private /etc/pam.d, managed list and working directory, in which the real module runs inside the real libpam.
#pragma once

#include <security/pam_appl.h>

#include <string>
#include <vector>

namespace curfew {

struct Said {
  int style = 0;  // PAM_TEXT_INFO, PAM_ERROR_MSG, …
  std::string text;
  bool operator==(const Said&) const = default;
};

// Enters a new directory of its own; the module under test finds `managed` and `gate.sock` there.
class PamWorld {
 public:
  PamWorld();
  ~PamWorld();
  PamWorld(const PamWorld&) = delete;
  PamWorld& operator=(const PamWorld&) = delete;

  void WriteManaged(const std::string& text, unsigned mode = 0644) const;
  void RemoveManaged() const;
  // Each line as in /etc/pam.d; `MODULE` stands for the module under test.
  void WriteService(const std::string& service, const std::string& lines, const std::string& module) const;
  const std::string& Directory() const { return directory_; }
  // The stacks that pam-auth-update would make of the packaged profiles: their own control words, then pam_permit.
  const std::string& AuthStack() const { return auth_; }
  const std::string& AccountStack() const { return account_; }
  const std::string& SessionStack() const { return session_; }

 private:
  std::string auth_;
  std::string account_;
  std::string session_;
  std::string directory_;
};

// One PAM transaction, as sshd or sudo would hold it.
class Transaction {
 public:
  Transaction(const PamWorld& world, const std::string& service, const std::string& user);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void Set(int item, const std::string& text);
  void PutEnvironment(const std::string& assignment);
  int Authenticate(int flags = 0) { return pam_authenticate(handle_, flags); }
  int Account(int flags = 0) { return pam_acct_mgmt(handle_, flags); }
  int Open(int flags = 0) { return pam_open_session(handle_, flags); }
  int Close(int flags = 0) { return pam_close_session(handle_, flags); }
  // Calls the entry `name` of the file `module` itself: libpam around it opens audit sockets and sets errno.
  int Direct(const std::string& module, const char* name);
  const std::vector<Said>& Shown() const { return said_; }

 private:
  std::vector<Said> said_;
  pam_handle_t* handle_ = nullptr;
};

// Files of the build, below CURFEW_BINARY_DIR.
inline constexpr const char* kModuleBuilt = "pam_module/pam_curfew.so";
inline constexpr const char* kModuleHere = "tests/pam_module/pam_curfew_here.so";
inline constexpr const char* kModuleImpatient = "tests/pam_module/pam_curfew_impatient.so";
std::string BuiltFile(const std::string& name);

// Runs as `uid` to the eye of getuid(), still root in effect: as a set-uid su is.
class RealUid {
 public:
  explicit RealUid(unsigned uid);
  ~RealUid();
  RealUid(const RealUid&) = delete;
  RealUid& operator=(const RealUid&) = delete;
};

}  // namespace curfew
