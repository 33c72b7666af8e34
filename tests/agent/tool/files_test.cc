// SPDX-License-Identifier: Apache-2.0
// Attack E2: a file or folder that sshd or sudo would refuse, or that others could have written, is never called good.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "agent/tool/doctor.h"
#include "tests/agent/tool/tree.h"

namespace curfew::test {
namespace {

constexpr const char* kKeys = "/run/curfew/keys/dev1";

class Files : public Tree {
 protected:
  void SetUp() override {
    for (const char* folder : {"/run/curfew", "/run/curfew/sudoers.d", "/run/curfew/keys", "/run/curfew/banner",
                               "/var/lib/curfew", "/etc/curfew"}) {
      Folder(folder, 0755);
    }
    Folder("/var/lib/curfew/state", 0700);
    File("/var/lib/curfew/managed", "dev1 1001 both\n", 0644);
    File("/run/curfew/sudoers.d/grants", "", 0440);
    File(kKeys, "", 0644);
  }
  /// What is said of that path; empty when nothing bad is.
  [[nodiscard]] std::string Flaw(const std::string& path) const {
    const Patient patient{
        paths, Fail(Errc::kUnavailable, "none here"), {{AccountName::Parse("dev1").value(), 1001, {true, true}}}};
    Diagnosis diagnosis;
    ExamineFiles(patient, diagnosis);
    std::string found;
    for (const auto& check : diagnosis.checks) {
      const bool named =
          check.name == paths.root + path || check.detail.find(paths.root + path + ":") != std::string::npos;
      if (!check.ok && named) found += check.detail + " -> " + check.fix + "\n";
    }
    return found;
  }
};

TEST_F(Files, GoodTreeHasNoFlaw) {
  for (const char* path :
       {kKeys, "/run/curfew", "/run/curfew/keys", "/run/curfew/sudoers.d", "/run", "/var/lib/curfew/managed"}) {
    EXPECT_EQ(Flaw(path), "") << path;
  }
}

TEST_F(Files, KeyFileThatSshdWouldRefuseIsSeen) {
  for (const mode_t mode : {mode_t{0600}, mode_t{0664}, mode_t{0646}, mode_t{0666}, mode_t{04644}}) {
    File(kKeys, "", mode);
    EXPECT_NE(Flaw(kKeys), "") << std::oct << mode;
  }
}

TEST_F(Files, FoldersThatOthersCanWriteAreSeen) {
  for (const char* folder :
       {"/run/curfew", "/run/curfew/keys", "/run/curfew/sudoers.d", "/var/lib/curfew", "/etc/curfew"}) {
    for (const mode_t mode : {mode_t{0775}, mode_t{0777}, mode_t{01777}, mode_t{0700}}) {
      Folder(folder, mode);
      EXPECT_NE(Flaw(folder), "") << folder << " " << std::oct << mode;
    }
    Folder(folder, 0755);
  }
}

TEST_F(Files, RunThatAnybodyCanWriteIsSeen) {
  Folder("/run", 01777);
  EXPECT_NE(Flaw("/run"), "");
}

TEST_F(Files, LinksAreNotFollowed) {
  File("/etc/mine", "", 0644);
  ASSERT_EQ(::unlink((paths.root + kKeys).c_str()), 0);
  ASSERT_EQ(::symlink((paths.root + "/etc/mine").c_str(), (paths.root + kKeys).c_str()), 0);
  EXPECT_NE(Flaw(kKeys).find("symbolic link"), std::string::npos);
}

TEST_F(Files, FileWithASecondNameIsSeen) {
  ASSERT_EQ(::link((paths.root + kKeys).c_str(), (paths.root + "/etc/second").c_str()), 0);
  EXPECT_NE(Flaw(kKeys).find("2 names"), std::string::npos);
}

TEST_F(Files, FileOfAnotherOwnerIsSeen) {
  ASSERT_EQ(::chown((paths.root + kKeys).c_str(), 1001, 1001), 0) << "this test runs as root";
  EXPECT_NE(Flaw(kKeys).find("uid 1001"), std::string::npos);
}

TEST_F(Files, MissingFolderSaysWhatMakesIt) {
  ASSERT_EQ(::rmdir((paths.root + "/run/curfew/banner").c_str()), 0);
  EXPECT_NE(Flaw("/run/curfew/banner").find("systemd-tmpfiles --create"), std::string::npos);
}

TEST_F(Files, ManagedAccountThatIsNotHereIsAWarning) {
  const Patient patient{
      paths, Fail(Errc::kUnavailable, "none here"), {{AccountName::Parse("nobody-here").value(), kNoUid, {true, true}}}};
  Diagnosis diagnosis;
  ExamineNames(patient, diagnosis);
  ASSERT_EQ(diagnosis.checks.size(), 1U);
  EXPECT_TRUE(diagnosis.checks.front().ok);
  const std::string table = DiagnosisTable(diagnosis);
  EXPECT_TRUE(table.starts_with("warn account nobody-here")) << table;
  EXPECT_NE(table.find("useradd -m nobody-here"), std::string::npos) << table;
}

TEST(Verdict, LayersAndChecksBothCount) {
  Diagnosis diagnosis;
  diagnosis.layers = {Layer::kNativeSudo, Layer::kNativeKey, Layer::kTimer};
  diagnosis.Add("a", true, "fine", "not shown");
  EXPECT_TRUE(diagnosis.Ok());
  EXPECT_EQ(diagnosis.checks.front().fix, "");
  diagnosis.layers.erase(Layer::kTimer);
  EXPECT_FALSE(diagnosis.Ok()) << "two layers are too few";
  diagnosis.layers.insert(Layer::kTmpfs);
  diagnosis.Add("b", false, "bad", "mend");
  EXPECT_FALSE(diagnosis.Ok()) << "a red check";
  EXPECT_NE(DiagnosisJson(diagnosis).find(R"("holds":3)"), std::string::npos);
  EXPECT_NE(DiagnosisJson(diagnosis).find(R"({"name":"b","ok":false,"detail":"bad","fix":"mend"})"), std::string::npos);
}

}  // namespace
}  // namespace curfew::test
