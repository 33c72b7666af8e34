/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads /var/lib/curfew/managed: lines "name uid login|sudo|both". MUST: trust only a regular file of
 * root's, of at most 128 KiB, that nobody else can write, as seen on the descriptor that is read; hold
 * no memory but the stack and leave no descriptor. A line that is not of this form names nobody. */
#include "pam_module/managed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
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

typedef struct Line {
  char text[kLineBytes];
  size_t length;
  bool overlong;
} Line;

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
  if (strcmp(word, "login") == 0) return kGatedLogin;
  if (strcmp(word, "sudo") == 0) return kGatedSudo;
  if (strcmp(word, "both") == 0) return kGatedLogin | kGatedSudo;
  return 0;
}

/* The gates of `line` when it is well formed and names `account`, else 0. */
static unsigned GatesOnLine(Line* line, const char* account) {
  if (line->overlong) return 0;
  line->text[line->length] = '\0';
  char* uid = strchr(line->text, ' ');
  if (uid == NULL) return 0;
  *uid++ = '\0';
  char* gate = strchr(uid, ' ');
  if (gate == NULL || gate == uid) return 0;
  *gate++ = '\0';
  if (strspn(uid, "0123456789") != strlen(uid) || strcmp(line->text, account) != 0) return 0;
  return GatesOf(gate);
}

static void Append(Line* line, char byte) {
  if (byte == '\0' || line->length + 1 >= sizeof line->text) {
    line->overlong = true;
  } else {
    line->text[line->length++] = byte;
  }
}

static Managed Scan(int fd, const char* account) {
  Line line = {.length = 0};
  size_t total = 0;
  char chunk[kChunkBytes];
  for (;;) {
    ssize_t got = read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return (Managed){StateOfError(errno), 0};
    if (got == 0) break;
    total += (size_t)got;
    if (total > kListBytes) return (Managed){kManagedNoList, 0};
    for (ssize_t i = 0; i < got; ++i) {
      if (chunk[i] != '\n') {
        Append(&line, chunk[i]);
        continue;
      }
      unsigned gates = GatesOnLine(&line, account);
      if (gates != 0) return (Managed){kManagedFound, gates};
      line.length = 0;
      line.overlong = false;
    }
  }
  /* A last line without its end is a list cut short; it still names who it names. */
  unsigned gates = GatesOnLine(&line, account);
  return gates != 0 ? (Managed){kManagedFound, gates} : (Managed){kManagedNot, 0};
}

static bool IsTrusted(const struct stat* status) {
  return S_ISREG(status->st_mode) && status->st_uid == 0 && (status->st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
         status->st_size <= kListBytes;
}

Managed FindManaged(const char* account) {
  int fd;
  do {
    /* O_NONBLOCK: a FIFO put in the list's place must not hang every login. */
    fd = open(CURFEW_MANAGED_PATH, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return (Managed){StateOfError(errno), 0};
  struct stat status;
  Managed found = {kManagedNoList, 0};
  if (fstat(fd, &status) == 0 && IsTrusted(&status)) found = Scan(fd, account);
  close(fd);
  return found;
}
