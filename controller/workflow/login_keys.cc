// SPDX-License-Identifier: Apache-2.0
// Keys on the rolls.
#include "controller/workflow/login_keys.h"

#include <algorithm>

#include "controller/workflow/requests.h"

namespace curfew {
namespace {

constexpr std::size_t kMostKeys = 20;
constexpr std::int64_t kMostLive = 10000;

std::string Described(const KeyRecord& key) { return "key " + key.id + " " + key.type + " " + key.fingerprint; }

}  // namespace

Outcome<KeyRecord> AddKey(Change& change, KeyRecord key) {
  const auto mine = change.Keep().KeysOf(key.person);
  for (const auto& known : mine) {
    if (known.fingerprint == key.fingerprint) return Refuse(Refusal::kConflict, "you have handed in this key already, as " + known.id, "`curfew key ls` lists yours");
  }
  // Whoever could hand in another's public key would have them let in by grants of their own, also when that other person
  // was disabled, or took back a key that they came in with. Nobody proves that they have the key, so a claim that no
  // grant was made with goes with the key: else anybody's published keys could be barred one by one.
  if (change.Keep().ClaimKey(key) != key.person) {
    return Refuse(Refusal::kUnusable, "another person has handed in this key, " + key.fingerprint + "; a key lets one person in",
                  "use a key of your own: ssh-keygen -t ed25519. If it is yours, an admin sees in `curfew audit ls` who handed it in, and "
                  "frees it: curfew-controller user free-key " + key.fingerprint);
  }
  if (mine.size() >= kMostKeys) return Refuse(Refusal::kUnusable, "you have 20 keys already", "remove one: curfew key rm ID");
  change.Keep().AddKey(key);
  RecordRoll(change, {key.person.Text(), "", "added", Described(key)});
  return key;
}

Outcome<RemovedKey> RemoveKey(Change& change, const PersonName& person, const std::string& id, bool end_grants) {
  const auto mine = change.Keep().KeysOf(person);
  const auto key = std::find_if(mine.begin(), mine.end(), [&](const KeyRecord& record) { return record.id == id; });
  if (key == mine.end() || !change.Keep().DropKey(person, id)) {
    return Refuse(Refusal::kNotFound, "you have no key " + Escaped(id.substr(0, 40)), "`curfew key ls` lists them");
  }
  RecordRoll(change, {person.Text(), "added", "removed", Described(*key)});
  RemovedKey removed;
  for (const auto& placed : change.Keep().Requests({RequestScope::kLive, person, 0, kMostLive})) {
    const RequestRecord& request = placed.request;
    const bool over = request.state == RequestState::kRevoking;
    if (over || std::find(request.keys.begin(), request.keys.end(), key->key) == request.keys.end()) continue;
    if (end_grants) static_cast<void>(EndAll(change, request.id, "returned", person.Text()));
    removed.requests.push_back(request.id);
  }
  removed.ended = end_grants && !removed.requests.empty();
  return removed;
}

}  // namespace curfew
