// SPDX-License-Identifier: Apache-2.0
// See pam_world.h. Needs root, as the module trusts only a list that root owns.
#include "tests/pam_module/pam_world.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace curfew {

namespace {

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The one line under `Type:` of a pam-auth-update profile, as a stack of its own.
std::string StackOf(const std::string& profile, const std::string& type) {
  const std::string text = ReadFile("packaging/pam-configs/" + profile);
  const size_t start = text.find("\n" + type + ":\n\t");
  const size_t end = text.find("pam_curfew.so", start);
  if (start == std::string::npos || end == std::string::npos) throw std::runtime_error("no " + type + " in profile " + profile);
  const size_t control = start + type.size() + 4;
  const std::string keyword = type == "Auth" ? "auth " : type == "Account" ? "account " : "session ";
  return keyword + text.substr(control, end - control) + "MODULE\n" + keyword + "required pam_permit.so\n";
}

int Converse(int count, const pam_message** messages, pam_response** responses, void* data) {
  auto& said = *static_cast<std::vector<Said>*>(data);
  for (int i = 0; i < count; ++i) said.push_back({messages[i]->msg_style, messages[i]->msg});
  *responses = static_cast<pam_response*>(std::calloc(static_cast<size_t>(count), sizeof(pam_response)));
  return PAM_SUCCESS;
}

}  // namespace

std::string BuiltFile(const std::string& name) {
  const char* build = std::getenv("CURFEW_BINARY_DIR");
  if (build == nullptr) throw std::runtime_error("CURFEW_BINARY_DIR is not set: run this by ctest");
  return name.starts_with('/') ? name : std::string(build) + "/" + name;
}

PamWorld::PamWorld()
    : auth_(StackOf("curfew-hint", "Auth")), account_(StackOf("curfew", "Account")), session_(StackOf("curfew", "Session")) {
  if (geteuid() != 0) throw std::runtime_error("the tests of the PAM module need root: it trusts root's list only");
  char pattern[] = "/tmp/curfew-pam-XXXXXX";
  if (mkdtemp(pattern) == nullptr) throw std::runtime_error("no temporary directory");
  directory_ = pattern;
  std::filesystem::create_directory(directory_ + "/pam.d");
  std::filesystem::current_path(directory_);
}

PamWorld::~PamWorld() {
  std::error_code ignored;
  std::filesystem::current_path("/", ignored);
  std::filesystem::remove_all(directory_, ignored);
}

void PamWorld::WriteManaged(const std::string& text, unsigned mode) const {
  WriteFile("managed", text);
  if (chmod("managed", mode) != 0) throw std::runtime_error("cannot set the list's mode");
}

void PamWorld::RemoveManaged() const { std::filesystem::remove("managed"); }

void PamWorld::WriteService(const std::string& service, const std::string& lines, const std::string& module) const {
  std::string text = lines;
  for (size_t at = text.find("MODULE"); at != std::string::npos; at = text.find("MODULE")) {
    text.replace(at, std::strlen("MODULE"), BuiltFile(module));
  }
  WriteFile("pam.d/" + service, text);
}

Transaction::Transaction(const PamWorld& world, const std::string& service, const std::string& user) {
  const pam_conv conversation{&Converse, &said_};
  const std::string directory = world.Directory() + "/pam.d";
  if (pam_start_confdir(service.c_str(), user.c_str(), &conversation, directory.c_str(), &handle_) != PAM_SUCCESS) {
    throw std::runtime_error("pam_start_confdir failed for " + service);
  }
}

Transaction::~Transaction() { pam_end(handle_, PAM_SUCCESS); }

void Transaction::Set(int item, const std::string& text) {
  if (pam_set_item(handle_, item, text.c_str()) != PAM_SUCCESS) throw std::runtime_error("pam_set_item failed");
}

void Transaction::PutEnvironment(const std::string& assignment) {
  if (pam_putenv(handle_, assignment.c_str()) != PAM_SUCCESS) throw std::runtime_error("pam_putenv failed");
}

int Transaction::Direct(const std::string& module, const char* name) {
  // Loaded once and for good: the calls that are measured open no file.
  void* loaded = dlopen(BuiltFile(module).c_str(), RTLD_NOW | RTLD_NODELETE);
  if (loaded == nullptr) throw std::runtime_error(dlerror());
  using Entry = int (*)(pam_handle_t*, int, int, const char**);
  const auto entry = reinterpret_cast<Entry>(dlsym(loaded, name));
  if (entry == nullptr) throw std::runtime_error(std::string("no entry ") + name);
  errno = ENOTNAM;
  const int result = entry(handle_, 0, 0, nullptr);
  const int after = errno;
  dlclose(loaded);
  errno = after;
  return result;
}

RealUid::RealUid(unsigned uid) {
  if (setresuid(uid, 0, 0) != 0) throw std::runtime_error("cannot change the real uid");
}

RealUid::~RealUid() {
  if (setresuid(0, 0, 0) != 0) std::abort();
}

}  // namespace curfew
