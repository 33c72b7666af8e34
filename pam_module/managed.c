/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads /var/lib/curfew/managed: lines "name uid login|sudo|both". MUST: trust only a regular file of
 * root's, of at most 128 KiB, that nobody else can write, as seen on the descriptor that is read; hold
 * no memory but the stack and leave no descriptor. A line that is not of this form names nobody. */
#include "pam_module/managed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_module/frame.h"
#include "pam_module/paths.h"

enum {
  kListBytes = kCurfewListBytes,
  kLineBytes = 160,
  kChunkBytes = 4096
};

typedef struct ListLine {
  char text[kLineBytes];
  size_t length;
  bool overlong;
} ListLine;

/* A caller can drain its own descriptors and memory (RLIMIT_NOFILE before su), and must not turn
 * that into "no list"; pam_unix cannot read its files then either, so refusing locks nobody out. */
static ManagedState StateOfError(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EAGAIN:
      return kManagedNoResources;
    default:
      return kManagedNoList;
  }
}

static unsigned GatesOf(const char* word) {
  if (strcmp(word, "login") == 0) return kCurfewGateLogin;
  if (strcmp(word, "sudo") == 0) return kCurfewGateSudo;
  if (strcmp(word, "both") == 0) return kCurfewGateLogin | kCurfewGateSudo;
  return 0;
}

/* The gates of a line that is well formed, else 0. Leaves the name alone in `line->text`. */
static unsigned GatesOnLine(ListLine* line, uid_t* its_uid) {
  if (line->overlong) return 0;
  line->text[line->length] = '\0';
  char* uid = strchr(line->text, ' ');
  if (uid == NULL) return 0;
  *uid++ = '\0';
  char* gate = strchr(uid, ' ');
  if (gate == NULL || gate == uid) return 0;
  *gate++ = '\0';
  if (strspn(uid, "0123456789") != strlen(uid)) return 0;
  *its_uid = (uid_t)strtoul(uid, NULL, 10);
  return GatesOf(gate);
}

typedef struct Span {
  const char* text;
  size_t length;
} Span;

/* Without what directories take before or after a name: DOM\name, DOM/name, DOM+name, name@domain. */
static Span WithoutDomain(const char* name) {
  Span span = {name, strcspn(name, "@")};
  for (const char* at = name; at < name + span.length; ++at) {
    if (*at == '\\' || *at == '/' || *at == '+') span.text = at + 1;
  }
  span.length -= (size_t)(span.text - name);
  return span;
}

/* Not tolower(), which follows the locale of whoever calls. */
static int Folded(char letter) { return letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter; }

static bool IsSpellingOf(const char* listed, const char* account) {
  Span one = WithoutDomain(listed);
  Span other = WithoutDomain(account);
  if (one.length == 0 || one.length != other.length) return false;
  for (size_t i = 0; i < one.length; ++i) {
    if (Folded(one.text[i]) != Folded(other.text[i])) return false;
  }
  return true;
}

typedef struct Sought {
  const char* account;
  const uid_t* uid; /* NULL: any */
} Sought;

/* True when no other line counts: this one names the account to the letter, or has its uid. Spellings are collected. */
static bool Weigh(ListLine* line, const Sought* wanted, Managed* found) {
  uid_t uid = kUnknownUid;
  unsigned gates = GatesOnLine(line, &uid);
  if (gates == 0) return false;
  bool to_the_letter = strcmp(line->text, wanted->account) == 0;
  if (!to_the_letter && !IsSpellingOf(line->text, wanted->account)) return false;
  if (wanted->uid != NULL && uid != *wanted->uid && uid != kUnknownUid) return false;
  bool exact = to_the_letter || (wanted->uid != NULL && uid == *wanted->uid);
  bool first = found->state != kManagedFound;
  found->state = kManagedFound;
  found->gates = exact ? gates : found->gates | gates;
  found->other_spelling = !to_the_letter;
  found->uid = uid;
  size_t length = strlen(line->text);
  for (size_t i = 0; (first || exact) && length < sizeof found->name && i <= length; ++i) found->name[i] = line->text[i];
  return exact;
}

static void Gather(ListLine* line, char byte) {
  if (byte == '\0' || line->length + 1 >= sizeof line->text) {
    line->overlong = true;
  } else {
    line->text[line->length++] = byte;
  }
}

static Managed Without(ManagedState state) { return (Managed){.state = state}; }

static Managed Scan(int fd, const Sought* wanted) {
  Managed found = Without(kManagedNot);
  ListLine line = {.length = 0};
  size_t total = 0;
  char chunk[kChunkBytes];
  for (;;) {
    ssize_t got = read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Without(StateOfError(errno));
    if (got == 0) break;
    total += (size_t)got;
    if (total > kListBytes) return Without(kManagedNoList);
    for (ssize_t i = 0; i < got; ++i) {
      if (chunk[i] != '\n') {
        Gather(&line, chunk[i]);
        continue;
      }
      if (Weigh(&line, wanted, &found)) return found;
      line.length = 0;
      line.overlong = false;
    }
  }
  /* A last line without its end is a list cut short; it still names who it names. */
  Weigh(&line, wanted, &found);
  return found;
}

static bool IsTrusted(const struct stat* status) {
  return S_ISREG(status->st_mode) && status->st_uid == 0 && (status->st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
         status->st_size <= kListBytes;
}

static Managed LookInList(const Sought* wanted) {
  int fd;
  do {
    /* O_NONBLOCK: a FIFO put in the list's place must not hang every login. */
    fd = open(CURFEW_MANAGED_PATH, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return Without(StateOfError(errno));
  struct stat status;
  Managed found = Without(kManagedNoList);
  if (fstat(fd, &status) == 0 && IsTrusted(&status)) found = Scan(fd, wanted);
  close(fd);
  return found;
}

Managed FindManaged(const char* account) {
  const Sought wanted = {.account = account, .uid = NULL};
  return LookInList(&wanted);
}

Managed FindSpelling(const char* account, uid_t uid) {
  const Sought wanted = {.account = account, .uid = &uid};
  return LookInList(&wanted);
}
