/* SPDX-License-Identifier: Apache-2.0
 *
 * MUST: take nothing from the process environment or the user database; copy every text bounded and
 * NUL-padded. What the caller said is a description for the records, never a proof. */
#include "pam_module/question.h"

#include <security/pam_modules.h>
#include <string.h>
#include <unistd.h>

typedef struct GuestService {
  const char* name;
  enum CurfewService service;
  enum CurfewGate gate;
  enum CurfewOpening opening;
} GuestService;

#define CURFEW_ROW(service, number, word, gate, opening) {word, kCurfew##service, gate, opening},
static const GuestService kServices[] = {CURFEW_SERVICES(CURFEW_ROW)};

/* Items and not pam_get_user(), which would prompt. Empty is the same as not set. */
static const char* ItemText(pam_handle_t* pamh, int item) {
  const void* text = NULL;
  if (pam_get_item(pamh, item, &text) != PAM_SUCCESS || text == NULL || *(const char*)text == '\0') return NULL;
  return text;
}

static const GuestService* ServiceNamed(const char* name) {
  for (size_t i = 0; name != NULL && i < sizeof kServices / sizeof kServices[0]; ++i) {
    if (strcmp(name, kServices[i].name) == 0) return &kServices[i];
  }
  return NULL;
}

/* sudo's PAM_USER is the target in its session stage, and in all stages under `Defaults targetpw`;
 * PAM_RUSER is always the account that runs it, which is the one that holds the grant. */
static const char* WhoseGrant(pam_handle_t* pamh, const GuestService* row) {
  const char* invoker = row->gate == kCurfewGateSudo ? ItemText(pamh, PAM_RUSER) : NULL;
  return invoker != NULL ? invoker : ItemText(pamh, PAM_USER);
}

bool ReadSubject(pam_handle_t* pamh, Subject* subject) {
  const GuestService* row = ServiceNamed(ItemText(pamh, PAM_SERVICE));
  if (row == NULL) return false;
  bool is_su = row->service == kCurfewSu || row->service == kCurfewSuL;
  if (is_su && getuid() == 0) return false;
  *subject = (Subject){row->service, row->gate, row->opening, WhoseGrant(pamh, row)};
  return subject->account != NULL;
}

/* `to` is zeroed; its last byte stays so. */
static void CopyText(char* to, size_t size, const char* from) {
  for (size_t i = 0; from != NULL && from[i] != '\0' && i + 1 < size; ++i) to[i] = from[i];
}

static const char* WithoutPrefix(const char* text, const char* prefix) {
  size_t length = strlen(prefix);
  return text != NULL && strncmp(text, prefix, length) == 0 ? text + length : text;
}

static bool NamesTerminal(const char* tty) {
  return strncmp(tty, "pts/", 4) == 0 || strncmp(tty, "tty", 3) == 0 || strcmp(tty, "console") == 0;
}

static void FillTerminal(pam_handle_t* pamh, CurfewQuestion* question) {
  const char* tty = WithoutPrefix(ItemText(pamh, PAM_TTY), "/dev/");
  CopyText(question->terminal_name, sizeof question->terminal_name, tty);
  question->terminal = NamesTerminal(question->terminal_name) ? 1 : 0;
}

/* SSH_AUTH_INFO_0 has a line for each method that succeeded; the last public key is the one that
 * decided. One that does not fit is said to be there but not handed on, for half a key names no one. */
static void FillKey(pam_handle_t* pamh, CurfewQuestion* question) {
  const char* key = NULL;
  for (const char* line = pam_getenv(pamh, "SSH_AUTH_INFO_0"); line != NULL && *line != '\0';) {
    const char* after = WithoutPrefix(line, "publickey ");
    if (after != line) key = after;
    line += strcspn(line, "\n");
    line += strspn(line, "\n");
  }
  if (key == NULL) return;
  size_t length = strcspn(key, "\n");
  question->key_truncated = length >= sizeof question->key ? 1 : 0;
  if (question->key_truncated == 0) CopyText(question->key, length + 1, key);
}

bool FillQuestion(pam_handle_t* pamh, const Subject* subject, const Managed* managed, enum CurfewQuestionKind kind,
                  CurfewQuestion* question) {
  if (managed->name[0] == '\0') return false;
  *question = (CurfewQuestion){
      .magic = kCurfewQuestionMagic,
      .version = kCurfewFrameVersion,
      .kind = (uint8_t)kind,
      .service = (uint8_t)subject->service,
      .other_spelling = managed->other_spelling ? 1 : 0,
  };
  CopyText(question->account, sizeof question->account, managed->name);
  CopyText(question->remote_host, sizeof question->remote_host, ItemText(pamh, PAM_RHOST));
  FillTerminal(pamh, question);
  if (subject->service == kCurfewSshd) FillKey(pamh, question);
  return true;
}
