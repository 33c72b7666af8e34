// SPDX-License-Identifier: Apache-2.0
// What a signed grant costs the controller, and what it costs the host that takes it: one grant a bundle, sealed whole.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "core/codec.h"
#include "core/signature.h"

namespace curfew {
namespace {

/// What must hold for the figures to mean anything.
template <class T>
T Must(Result<T> result) {
  if (result) return std::move(*result);
  static_cast<void>(std::fprintf(stderr, "core_bench: %s\n", result.error().Text().c_str()));
  std::exit(1);
}

Bundle OneGrant() {
  const Instant start = FromUnixSeconds(1800000000);
  Grant grant{.id = Must(GrantId::Parse("g-0123456789abcdefghij")),
              .principal = Must(PersonName::Parse("dev1")),
              .account = Must(AccountName::Parse("dev1")),
              .uid = std::nullopt,
              .login = std::nullopt,
              .sudo = SudoRight{AllCommands{}, Must(AccountName::Parse("root")), false},
              .start = start,
              .end = start + Seconds{3600},
              .lineage = {},
              .groups = {},
              .reason = "look at the web server",
              .ticket = "OPS-1",
              .request = Must(RequestId::Parse("r-0123456789abcdefghij")),
              .request_hash = {},
              .approvals = {},
              .critical = {}};
  Bundle bundle;
  bundle.version = 1;
  bundle.issued = start;
  bundle.grants.push_back(std::move(grant));
  return bundle;
}

void SealGrant(benchmark::State& state) {
  const PrivateKey key = Must(PrivateKey::Generate());
  const Bundle bundle = OneGrant();
  for (auto turn : state) {
    static_cast<void>(turn);
    benchmark::DoNotOptimize(Must(Seal(Purpose::kBundle, EncodeBundle(bundle), key)));
  }
  state.SetItemsProcessed(state.iterations());
}

void VerifyGrant(benchmark::State& state) {
  const PrivateKey key = Must(PrivateKey::Generate());
  const Role role{1, {key.Public()}};
  const std::string sealed = Must(Seal(Purpose::kBundle, EncodeBundle(OneGrant()), key));
  for (auto turn : state) {
    static_cast<void>(turn);
    const auto verified = Verify(sealed, Purpose::kBundle, role);
    const auto* allowed = std::get_if<Verified>(&verified);
    if (allowed == nullptr)
      state.SkipWithError("what was sealed does not verify");
    else
      benchmark::DoNotOptimize(Must(DecodeBundle(*allowed)));
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(SealGrant);
BENCHMARK(VerifyGrant);

}  // namespace
}  // namespace curfew

BENCHMARK_MAIN();
