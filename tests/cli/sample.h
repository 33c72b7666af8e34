// SPDX-License-Identifier: Apache-2.0
// The request of INTERFACES, written out once.
#pragma once

namespace curfew {

inline constexpr const char* kRequestJson = R"({
  "id": "r-0000000000000000000a", "state": "active", "requester": "dev1", "account": "dev1",
  "what": {"login": true, "sudo": [["/usr/bin/systemctl", "restart", "nginx"]], "runas": "root"},
  "duration_s": 3600, "reason": "disk full", "ticket": "OPS-1", "policy": "web-root", "policy_version": 3,
  "hosts": ["host1", "host2"],
  "stages": [{"need": 1, "have": 1, "who": ["group:leads"],
              "decisions": [{"by": "lead1", "verdict": "approve", "at": "2026-11-22T17:00:05.000Z", "reason": "ok", "signed": false}]}],
  "history": [{"state": "submitted", "at": "2026-11-22T17:00:00.000Z", "by": "dev1"}],
  "grants": [
    {"id": "g-0000000000000000000a", "host": "host1", "state": "active", "start": "2026-11-22T17:00:05.000Z",
     "end": "2026-11-22T18:00:05.000Z", "ended_at": null, "cause": null, "proof": "none", "proved_at": null,
     "unconfirmed_until": null, "survivors": []},
    {"id": "g-0000000000000000000b", "host": "host2", "state": "ended", "start": "2026-11-22T17:00:05.000Z",
     "end": "2026-11-22T18:00:05.000Z", "ended_at": "2026-11-22T17:30:00.000Z", "cause": "revoked",
     "proof": "unconfirmed", "proved_at": null, "unconfirmed_until": "2026-11-22T18:00:05.000Z",
     "survivors": [{"pid": 7, "uid": 0, "cmd": "sleep 9", "unit": "cron.service"}]}],
  "revision": 12, "sentence": "dev1 asks for dev1 on host1, host2", "created_at": "2026-11-22T17:00:00.000Z", "failure": null
})";

}  // namespace curfew
