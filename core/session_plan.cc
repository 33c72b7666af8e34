// SPDX-License-Identifier: Apache-2.0
// A renewal is a new grant: the session of the old one goes on under the new one, bound before the old one ends.
#include "core/session_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/host_files.h"

namespace curfew {
namespace {

bool ServesForAllBefore(const Grant& grant, const std::vector<const Grant*>& others, SessionKind kind) {
  return std::all_of(others.begin(), others.end(),
                     [&](const Grant* other) { return other->end >= grant.end || Serves(grant, kind, *other); });
}

std::vector<const Grant*> OfAccount(const std::vector<Grant>& live, const Session& session) {
  std::vector<const Grant*> grants;
  for (const Grant& grant : live) {
    const bool right = session.kind == SessionKind::kSudo ? grant.sudo.has_value() : grant.login.has_value();
    if (right && grant.uid == session.uid) grants.push_back(&grant);
  }
  return grants;
}

/// The serving grant that ends last; `own` itself among equals. Whose a login is, is known; which grant's a sudo, is not.
const Grant* Best(const std::vector<Grant>& live, const Session& session, const Grant& own) {
  const auto grants = OfAccount(live, session);
  const Grant* best = nullptr;
  for (const Grant* grant : grants) {
    const bool later = best == nullptr || grant->end > best->end || (grant->end == best->end && grant->id == own.id);
    if (!later || !Serves(*grant, session.kind, own)) continue;
    const bool certain = session.kind == SessionKind::kLogin || grant->id == own.id;
    if (certain || ServesForAllBefore(*grant, grants, session.kind)) best = grant;
  }
  return best;
}

/// A session that its longest length bounds keeps its deadline whatever is renewed.
Instant DeadlineUnder(const Grant& next, const Session& session, const Grant& own) {
  const bool capped = own.longest_session > Seconds{0} && session.deadline < own.end;
  return capped || next.longest_session > Seconds{0} ? std::min(session.deadline, next.end) : next.end;
}

struct Binding {
  const Grant* grant = nullptr;
  Instant deadline;
};

/// Under which grant `session` goes on, and until when; nullopt: it ends.
std::optional<Binding> Bind(const Session& session, const Desired& desired, const Assured& assured) {
  const Grant* living = FindGrant(desired.live, session.grant);
  const Grant* own = living != nullptr ? living : FindGrant(desired.past, session.grant);
  if (own == nullptr) return std::nullopt;
  if (living != nullptr && (living->uid != session.uid || !Serves(*living, session.kind, *living))) living = nullptr;
  const bool held = assured.held_back.contains(own->account);
  const Grant* best = held ? living : Best(desired.live, session, *own);
  if (best == nullptr) return std::nullopt;
  const Instant deadline = DeadlineUnder(*best, session, *own);
  if (living == nullptr) return Binding{best, deadline};
  if (held || deadline <= session.deadline) return Binding{living, std::min(session.deadline, living->end)};
  return Binding{best, deadline};
}

}  // namespace

bool Serves(const Grant& live, SessionKind kind, const Grant& own) {
  if (live.account != own.account) return false;
  if (kind == SessionKind::kLogin) return live.principal == own.principal && live.login && !live.login->keys.empty();
  return live.sudo && own.sudo && Covers(*live.sudo, *own.sudo);
}

const Grant* LastsUnder(const std::vector<const Grant*>& fitting, SessionKind kind) {
  const auto first = std::min_element(fitting.begin(), fitting.end(), [](const Grant* one, const Grant* other) { return one->end < other->end; });
  if (first == fitting.end()) return nullptr;
  const Grant* lasting = *first;
  for (const Grant* grant : fitting) {
    // Most of many grants do not even serve for the first.
    if (grant->end <= lasting->end || !Serves(*grant, kind, **first)) continue;
    if (ServesForAllBefore(*grant, fitting, kind)) lasting = grant;
  }
  return lasting;
}

SessionSteps PlanSessions(const Desired& desired, const Actual& actual, const Assured& assured) {
  SessionSteps steps;
  for (const Session& session : actual.sessions) {
    const auto next = Bind(session, desired, assured);
    if (!next || next->deadline <= actual.at) {
      steps.narrower.emplace_back(EndSession{session});
      continue;
    }
    if (next->grant->id == session.grant && next->deadline == session.deadline) continue;
    auto& steps_of_kind = next->deadline > session.deadline ? steps.wider : steps.narrower;
    steps_of_kind.emplace_back(RebindSession{session, next->grant->id, next->deadline});
  }
  return steps;
}

std::vector<Session> AccountLines(const Desired& desired) {
  std::map<std::pair<Uid, SessionKind>, Session> last;
  const auto add = [&](const Grant& grant, const std::string& scope, SessionKind kind) {
    const Session line{scope, *grant.uid, grant.id, kind, grant.end};
    const auto [at, fresh] = last.emplace(std::pair(line.uid, kind), line);
    if (!fresh && at->second.deadline < line.deadline) at->second = line;
  };
  for (const Grant& grant : desired.live) {
    if (!grant.uid) continue;
    if (grant.login) add(grant, UserServiceOf(*grant.uid), SessionKind::kLogin);
    if (grant.sudo) add(grant, SliceOf(*grant.uid), SessionKind::kSudo);
  }
  std::vector<Session> lines;
  lines.reserve(last.size());
  for (auto& [account, line] : last) lines.push_back(std::move(line));
  return lines;
}

std::optional<Instant> NextDeadline(const std::vector<Session>& sessions, Instant now) {
  std::optional<Instant> soonest;
  for (const Session& session : sessions) {
    if (session.deadline > now && (!soonest || session.deadline < *soonest)) soonest = session.deadline;
  }
  return soonest;
}

}  // namespace curfew
