// SPDX-License-Identifier: Apache-2.0
// Which layers of expiry (DESIGN §6) hold on a host: one set of facts, one function, asked by the enforcer for the
// controller and by doctor for an administrator.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/names.h"

namespace curfew {

enum class Layer : std::uint8_t { kNativeSudo, kNativeKey, kTimer, kPam, kReaper, kTmpfs };
inline constexpr Layer kLayers[] = {Layer::kNativeSudo, Layer::kNativeKey, Layer::kTimer,
                                    Layer::kPam,        Layer::kReaper,    Layer::kTmpfs};
/// "native_sudo" and so on, as in the JSON of doctor and hosts.
[[nodiscard]] const char* Word(Layer layer);

/// A set-uid program that gives root.
struct SudoProgram {
  std::string path;
  bool rs = false;      ///< sudo-rs, which refuses a rule with a date
  std::string version;  ///< "1.9.13p3"; empty when its visudo does not say
  bool operator==(const SudoProgram&) const = default;
};

/// Something looked at: what of it, and why it is not as it should be (empty: it is).
struct Look {
  std::string what;
  std::string flaw;
  bool operator==(const Look&) const = default;
};

struct SshdFacts {
  std::string version;
  Look test;                ///< its own test of the whole configuration
  Look block;               ///< our file in its folder
  std::vector<Look> bound;  ///< accounts managed for login, by name
  std::vector<Look> free;   ///< root and an account that is not managed, by name
  bool penalties = false;   ///< it bans addresses after refusals, and exempts none
  bool operator==(const SshdFacts&) const = default;
};

/// Everything that the layers rest on, as it was found.
struct LayerFacts {
  std::vector<SudoProgram> sudos;
  Look sudoers_folder;  ///< /etc/sudoers brings in /etc/sudoers.d
  Look sudoers_line;    ///< which brings in our rules
  Look sudoers_tree;    ///< and visudo accepts the whole
  std::optional<SshdFacts> sshd;
  Look pam_module;
  Look pam_profile;
  bool gate = false;      ///< somebody listens where the module asks
  bool enforcer = false;  ///< it runs and answers
  bool reaper = false;    ///< its timer is active
  Look tmpfs;
  bool operator==(const LayerFacts&) const = default;
};

/// One sentence for an administrator.
struct LayerCheck {
  Layer layer = Layer::kTimer;
  std::string name;
  std::string flaw;    ///< why the layer does not hold; empty: as far as this goes it does
  std::string detail;  ///< what is well
  std::string fix;     ///< what to type when it is not
  bool wrong = true;   ///< a flaw of it is a fault to mend, and not only what this host's programs cannot do
};

[[nodiscard]] std::vector<LayerCheck> ChecksOf(const LayerFacts& facts);

/// Those whose every check is without a flaw.
[[nodiscard]] std::set<Layer> LayersOf(const LayerFacts& facts);

}  // namespace curfew
