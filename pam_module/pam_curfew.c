/* SPDX-License-Identifier: Apache-2.0
 *
 * A guest in sshd, sudo, su and login. MUST: answer PAM_IGNORE for an account or a service that is not
 * gated, before any socket; for a gated one allow on an explicit allow only; change nothing of the
 * caller's (errno, mask, umask, directory, descriptors); print nothing but what the gate hands over. */
#include <errno.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <stdbool.h>
#include <syslog.h>

#include "pam_module/gate.h"
#include "pam_module/managed.h"
#include "pam_module/question.h"

#define CURFEW_ENTRY __attribute__((visibility("default")))

static const CurfewAnswer kNoAnswer = {
    .verdict = kCurfewDeny,
    .message = "curfew: access refused, the gate on this host does not answer. "
               "An administrator looks with: systemctl status curfew-enforcer",
};

typedef enum GateState {
  kNotGated,
  kGated,
  kCannotTell /* this process cannot read the list; see kManagedNoResources */
} GateState;

/* Nobody comes in with the uid of an account that the host does not know. */
static bool IsKnownAs(pam_handle_t* pamh, const Managed* managed, uid_t uid) {
  if (managed->uid != kUnknownUid) return managed->uid == uid;
  const struct passwd* listed = pam_modutil_getpwnam(pamh, managed->name);
  return listed != NULL && listed->pw_uid == uid;
}

/* The only look-ups are for another spelling of a listed name, which whoever hands it to PAM has looked up a moment before. */
static Managed EntryFor(pam_handle_t* pamh, const char* account) {
  Managed managed = FindManaged(account);
  if (managed.state != kManagedFound || !managed.other_spelling) return managed;
  const struct passwd* user = pam_modutil_getpwnam(pamh, account);
  if (user == NULL) return managed;
  const uid_t uid = user->pw_uid;
  managed = FindSpelling(account, uid);
  bool somebody_else = uid == 0 || (managed.state == kManagedFound && !IsKnownAs(pamh, &managed, uid));
  return somebody_else ? (Managed){.state = kManagedNot} : managed;
}

static GateState GateStateOf(pam_handle_t* pamh, Subject* subject, Managed* managed) {
  if (!ReadSubject(pamh, subject)) return kNotGated;
  *managed = EntryFor(pamh, subject->account);
  switch (managed->state) {
    case kManagedFound:
      return (managed->gates & subject->gate) != 0 ? kGated : kNotGated;
    case kManagedNoResources:
      pam_syslog(pamh, LOG_ALERT, "curfew: no descriptor or memory left to read the managed list; refused");
      return kCannotTell;
    case kManagedNoList:
      pam_syslog(pamh, LOG_ALERT, "curfew: no trustworthy managed list, the gate is open; run: curfew-agent doctor");
      return kNotGated;
    case kManagedNot:
      break;
  }
  return kNotGated;
}

/* sudo asks every module to be silent (before 1.9.16 always, since then by default), which would hide why it refuses. */
static void ShowText(pam_handle_t* pamh, const Subject* subject, int flags, int style, const char* text) {
  int silent = ((unsigned)flags & PAM_SILENT) != 0 && subject->gate != kCurfewGateSudo;
  if (!silent && text[0] != '\0') pam_prompt(pamh, style, NULL, "%s", text);
}

/* PAM_SUCCESS on an explicit allow, PAM_PERM_DENIED on all else. `answer->message` is always a text. */
static int HearVerdict(pam_handle_t* pamh, const Subject* subject, const Managed* managed, enum CurfewQuestionKind kind,
                  CurfewAnswer* answer) {
  CurfewQuestion question;
  if (!FillQuestion(pamh, subject, managed, kind, &question) || !AskGate(&question, answer)) {
    pam_syslog(pamh, LOG_ERR, "curfew: no answer from the gate for %s", subject->account);
    *answer = kNoAnswer;
  }
  return answer->verdict == kCurfewAllow ? PAM_SUCCESS : PAM_PERM_DENIED;
}

static int Account(pam_handle_t* pamh, int flags) {
  Subject subject;
  Managed managed;
  GateState state = GateStateOf(pamh, &subject, &managed);
  if (state == kNotGated) return PAM_IGNORE;
  if (state == kCannotTell) return PAM_PERM_DENIED;
  CurfewAnswer answer;
  int verdict = HearVerdict(pamh, &subject, &managed, kCurfewAccount, &answer);
  if (verdict != PAM_SUCCESS) ShowText(pamh, &subject, flags, PAM_ERROR_MSG, answer.message);
  return verdict;
}

static void Mention(pam_handle_t* pamh, const Subject* subject, const Managed* managed, enum CurfewQuestionKind kind) {
  CurfewQuestion question;
  if (FillQuestion(pamh, subject, managed, kind, &question)) TellGate(&question);
}

static int SessionOpened(pam_handle_t* pamh, int flags) {
  Subject subject;
  Managed managed;
  GateState state = GateStateOf(pamh, &subject, &managed);
  if (state == kNotGated) return PAM_IGNORE;
  if (state == kCannotTell) return subject.opening == kCurfewOpenHeeded ? PAM_PERM_DENIED : PAM_IGNORE;
  if (subject.opening == kCurfewOpenTold) {
    Mention(pamh, &subject, &managed, kCurfewSessionOpen);
    return PAM_SUCCESS;
  }
  CurfewAnswer answer;
  int verdict = HearVerdict(pamh, &subject, &managed, kCurfewSessionOpen, &answer);
  /* sshd keeps a session's texts for an interactive login and drops them for a command, scp and sftp. */
  ShowText(pamh, &subject, flags, verdict == PAM_SUCCESS ? PAM_TEXT_INFO : PAM_ERROR_MSG, answer.message);
  return subject.opening == kCurfewOpenHeeded ? verdict : PAM_SUCCESS;
}

static int SessionClosed(pam_handle_t* pamh) {
  Subject subject;
  Managed managed;
  if (GateStateOf(pamh, &subject, &managed) != kGated) return PAM_IGNORE;
  Mention(pamh, &subject, &managed, kCurfewSessionClose);
  return PAM_SUCCESS;
}

/* True the first time only: sudo authenticates again for each wrong password. */
static int IsFirstHint(pam_handle_t* pamh) {
  static char hinted[] = "curfew_hinted";
  const void* seen = NULL;
  if (pam_get_data(pamh, hinted, &seen) == PAM_SUCCESS) return 0;
  return pam_set_data(pamh, hinted, hinted, NULL) == PAM_SUCCESS;
}

static void Hint(pam_handle_t* pamh, int flags) {
  Subject subject;
  Managed managed;
  if (!ReadSubject(pamh, &subject) || subject.gate != kCurfewGateSudo || !IsFirstHint(pamh)) return;
  if (GateStateOf(pamh, &subject, &managed) != kGated) return;
  CurfewQuestion question;
  CurfewAnswer answer;
  if (!FillQuestion(pamh, &subject, &managed, kCurfewHint, &question) || !AskGate(&question, &answer)) return;
  if (answer.verdict != kCurfewAllow) ShowText(pamh, &subject, flags, PAM_ERROR_MSG, answer.message);
}

CURFEW_ENTRY int pam_sm_authenticate(pam_handle_t* pamh, int flags, int argc, const char** argv) {
  (void)argc;
  (void)argv;
  int saved = errno;
  Hint(pamh, flags);
  errno = saved;
  return PAM_IGNORE;
}

CURFEW_ENTRY int pam_sm_setcred(pam_handle_t* pamh, int flags, int argc, const char** argv) {
  (void)pamh;
  (void)flags;
  (void)argc;
  (void)argv;
  return PAM_IGNORE;
}

CURFEW_ENTRY int pam_sm_acct_mgmt(pam_handle_t* pamh, int flags, int argc, const char** argv) {
  (void)argc;
  (void)argv;
  int saved = errno;
  int verdict = Account(pamh, flags);
  errno = saved;
  return verdict;
}

CURFEW_ENTRY int pam_sm_open_session(pam_handle_t* pamh, int flags, int argc, const char** argv) {
  (void)argc;
  (void)argv;
  int saved = errno;
  int verdict = SessionOpened(pamh, flags);
  errno = saved;
  return verdict;
}

CURFEW_ENTRY int pam_sm_close_session(pam_handle_t* pamh, int flags, int argc, const char** argv) {
  (void)flags;
  (void)argc;
  (void)argv;
  int saved = errno;
  int verdict = SessionClosed(pamh);
  errno = saved;
  return verdict;
}
