// SPDX-License-Identifier: Apache-2.0
// J6: the built file itself: it exports pam_sm_* only, links libpam and libc only, imports nothing that could start a
// thread, catch a signal, look a name up, read the environment or run anything.
#include <elf.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/pam_module/pam_world.h"

namespace curfew {
namespace {

// The dynamic section and symbols of one 64-bit ELF file, read with the bounds checks of std::string.
class SharedObject {
 public:
  explicit SharedObject(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
    const auto header = At<Elf64_Ehdr>(0);
    for (size_t i = 0; i < header.e_shnum; ++i) {
      const auto section = At<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr));
      const auto strings = At<Elf64_Shdr>(header.e_shoff + section.sh_link * sizeof(Elf64_Shdr));
      if (section.sh_type == SHT_DYNAMIC) ReadDynamic(section, strings.sh_offset);
      if (section.sh_type == SHT_DYNSYM) ReadSymbols(section, strings.sh_offset);
    }
  }

  std::set<std::string> needed;
  std::set<std::string> exported;
  std::set<std::string> imported;
  bool binds_now = false;
  bool text_relocations = false;

 private:
  template <typename T>
  T At(size_t offset) const {
    T value{};
    bytes_.copy(reinterpret_cast<char*>(&value), sizeof value, offset);
    return value;
  }
  std::string Text(size_t offset) const { return bytes_.substr(offset, bytes_.find('\0', offset) - offset); }

  void ReadDynamic(const Elf64_Shdr& section, size_t strings) {
    for (size_t at = section.sh_offset; at < section.sh_offset + section.sh_size; at += sizeof(Elf64_Dyn)) {
      const auto entry = At<Elf64_Dyn>(at);
      if (entry.d_tag == DT_NEEDED) needed.insert(Text(strings + entry.d_un.d_val));
      if (entry.d_tag == DT_FLAGS_1) binds_now = (entry.d_un.d_val & DF_1_NOW) != 0;
      if (entry.d_tag == DT_TEXTREL) text_relocations = true;
    }
  }

  void ReadSymbols(const Elf64_Shdr& section, size_t strings) {
    for (size_t at = section.sh_offset; at < section.sh_offset + section.sh_size; at += sizeof(Elf64_Sym)) {
      const auto symbol = At<Elf64_Sym>(at);
      const std::string name = Text(strings + symbol.st_name);
      if (name.empty() || ELF64_ST_BIND(symbol.st_info) == STB_LOCAL) continue;
      // Weak and undefined: crtbegin's hooks, which resolve to nothing in a process without their runtime.
      if (symbol.st_shndx == SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) == STB_WEAK) continue;
      (symbol.st_shndx == SHN_UNDEF ? imported : exported).insert(name);
    }
  }

  std::string bytes_;
};

TEST(Exports, ArePamsEntriesOnly) {
  const SharedObject module(BuiltFile(kModuleBuilt));
  EXPECT_EQ(module.exported, std::set<std::string>({"pam_sm_authenticate", "pam_sm_setcred", "pam_sm_acct_mgmt",
                                                    "pam_sm_open_session", "pam_sm_close_session"}));
}

TEST(Exports, LinksLibpamAndLibcOnly) {
  const SharedObject module(BuiltFile(kModuleBuilt));
  EXPECT_EQ(module.needed, std::set<std::string>({"libpam.so.0", "libc.so.6"}));
  EXPECT_TRUE(module.binds_now);
  EXPECT_FALSE(module.text_relocations);
}

TEST(Exports, ImportsNothingElse) {
  static const std::set<std::string> kAllowed = {
      "open", "read", "fstat", "close", "socket", "connect", "getsockopt", "setsockopt", "send", "recv", "poll",
      "clock_gettime", "getuid", "__errno_location", "memchr", "memcpy", "memset", "strchr", "strcmp", "strcspn", "strlen",
      "strncmp", "strnlen", "strspn", "strtoul", "pam_get_item", "pam_modutil_getpwnam", "pam_getenv", "pam_get_data", "pam_set_data", "pam_prompt", "pam_syslog",
      "__stack_chk_fail", "__read_chk", "__recv_chk", "__poll_chk", "__memcpy_chk", "__open_2", "__memset_chk"};
  for (const std::string& name : SharedObject(BuiltFile(kModuleBuilt)).imported) {
    EXPECT_TRUE(kAllowed.contains(name)) << name;
  }
}

}  // namespace
}  // namespace curfew
