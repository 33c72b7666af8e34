/* SPDX-License-Identifier: Apache-2.0
 *
 * The two paths the module knows and how long it waits. They change at compile time only (the tests
 * build a second copy): nothing a caller says or sets can move them. */
#ifndef CURFEW_PAM_MODULE_PATHS_H_
#define CURFEW_PAM_MODULE_PATHS_H_

#ifndef CURFEW_MANAGED_PATH
#define CURFEW_MANAGED_PATH "/var/lib/curfew/managed"
#endif

#ifndef CURFEW_GATE_PATH
#define CURFEW_GATE_PATH "/run/curfew/gate.sock"
#endif

#ifndef CURFEW_ANSWER_WAIT_MS
#define CURFEW_ANSWER_WAIT_MS 2000
#endif

enum {
  kAnswerWaitMs = CURFEW_ANSWER_WAIT_MS, /* the whole question: connect, send, answer */
  kTellWaitMs = 200     /* a packet without an answer; only a full backlog makes it wait */
};

#endif /* CURFEW_PAM_MODULE_PATHS_H_ */
