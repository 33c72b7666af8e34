// SPDX-License-Identifier: Apache-2.0
// What a controller signs for one host, with real keys: role table, bundles that follow each other, receipts for events.
#pragma once

#include <string>
#include <vector>

#include "core/bundle.h"
#include "core/event.h"
#include "core/signature.h"
#include "core/trust.h"

namespace curfew::test {

[[nodiscard]] PrivateKey TestKey(std::string_view name);
[[nodiscard]] HostId TestHost();
[[nodiscard]] AccountName Account(std::string_view name);
[[nodiscard]] LoginKey SomeLoginKey();
/// "g-" and the number, padded.
[[nodiscard]] GrantId Id(int number);

/// A grant on an account that every Debian has ("games", uid 5): login by SomeLoginKey and every sudo command.
[[nodiscard]] Grant GrantOn(int number, std::string_view account, Instant start, Instant end);

class Controller {
 public:
  [[nodiscard]] std::string Roles(std::uint64_t version = 1, std::string_view bundle_key = "bundle") const;
  /// The next bundle: `bundle_` as it stands, sealed, with the next version.
  [[nodiscard]] std::string NextBundle();
  [[nodiscard]] std::string Seal(const Bundle& bundle) const;
  [[nodiscard]] std::string Delivered(const Event& last) const;
  /// Its clock goes before that of the host by so much.
  void SetAhead(Millis ahead) { ahead_ = ahead; }
  /// Another controller: other root keys, and no bundle signed yet.
  void BecomeAnother(std::string root) {
    root_ = std::move(root);
    bundle_.version = 0;
    last_ = {};
  }
  [[nodiscard]] const std::string& RootKey() const { return root_; }
  [[nodiscard]] std::string Revocation(const GrantId& grant, Instant now) const;

  /// Changed by the test before NextBundle.
  Bundle& Draft() { return bundle_; }
  Ceilings& Limits() { return ceilings_; }

 private:
  std::string root_ = "root";  ///< the name of its key
  ContentHash last_;
  Millis ahead_{};
  Bundle bundle_{.host = TestHost(), .epoch = 1, .version = 0, .previous = {}, .issued = {}, .grants = {}, .ended = {}, .managed = {}};
  Ceilings ceilings_ = [] {
    Ceilings ceilings;
    ceilings.lowest_uid = 1;
    return ceilings;
  }();
};

}  // namespace curfew::test
