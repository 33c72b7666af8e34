// SPDX-License-Identifier: Apache-2.0
// Long polls: the controller answers when the request's revision moves.
#include "cli/waiting.h"

#include "cli/decode.h"
#include "cli/progress.h"

namespace curfew {
namespace {

using Clock = std::chrono::steady_clock;
constexpr Seconds kOnePoll{30};
constexpr Seconds kLongestSilence{60};
constexpr Millis kBetweenTries{500};

/// How long is left, whole seconds, rounded up; none when nothing is.
std::optional<Seconds> Left(std::optional<Clock::time_point> until) {
  if (!until) return kOnePoll;
  const auto left = std::chrono::ceil<Seconds>(*until - Clock::now());
  if (left <= Seconds{0}) return std::nullopt;
  return std::min(left, kOnePoll);
}

/// The next answer that could be had. A silent controller is tried again; its refusal comes back once it lasted too
/// long.
Answer<boost::json::value> Next(ControllerApi& api, Terminal& terminal, const RequestView& seen, Seconds longest,
                                std::optional<Clock::time_point> until) {
  const auto give_up = std::min(until.value_or(Clock::time_point::max()), Clock::now() + kLongestSilence);
  while (true) {
    auto answer = api.RequestAfter(seen.id, seen.revision, longest);
    if (answer || answer.error().exit != ExitCode::kUnreachable || Clock::now() >= give_up) return answer;
    terminal.Progress(seen.state + "; the controller is silent, trying again");
    if (auto paused = api.Line().Pause(kBetweenTries); !paused) return Halted(paused.error());
  }
}

}  // namespace

Answer<Waited> WaitFor(ControllerApi& api, Terminal& terminal, const boost::json::value& request,
                       std::optional<Seconds> timeout) {
  std::optional<Clock::time_point> until;
  if (timeout) until = Clock::now() + *timeout;
  Waited waited{ExitCode::kStillPending, request};
  while (true) {
    auto seen = DecodeRequest(waited.request);
    if (!seen) return Halted(seen.error());
    const Progress progress = ProgressOf(*seen);
    terminal.Progress(progress.line);
    if (progress.end) {
      waited.exit = *progress.end;
      return waited;
    }
    const auto left = Left(until);
    if (!left) return waited;
    auto next = Next(api, terminal, *seen, *left, until);
    if (!next) return Halted(next.error());
    waited.request = std::move(*next);
  }
}

}  // namespace curfew
