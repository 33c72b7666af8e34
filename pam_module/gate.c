/* SPDX-License-Identifier: Apache-2.0
 *
 * MUST: one connect; only to a listener of uid 0; one deadline on the monotonic clock over all of it;
 * no signal (MSG_NOSIGNAL), no descriptor left, and no answer believed but a whole one. */
#include "pam_module/gate.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "pam_module/paths.h"

static int64_t NowMs(void) {
  struct timespec now = {0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* connect() on a Unix socket has no "in progress": with a full backlog it waits, bounded by SO_SNDTIMEO. */
static bool LimitSendWait(int fd, int64_t deadline) {
  int64_t left = deadline - NowMs();
  if (left <= 0) return false;
  struct timeval wait = {.tv_sec = left / 1000, .tv_usec = (left % 1000) * 1000};
  return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0;
}

static bool ReachGate(int fd, int64_t deadline) {
  static const struct sockaddr_un kAddress = {.sun_family = AF_UNIX, .sun_path = CURFEW_GATE_PATH};
  int result;
  do {
    if (!LimitSendWait(fd, deadline)) return false;
    result = connect(fd, (const struct sockaddr*)&kAddress, sizeof kAddress);
  } while (result < 0 && errno == EINTR);
  return result == 0;
}

static bool PeerIsRoot(int fd) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && size == sizeof peer && peer.uid == 0;
}

static bool SendQuestion(int fd, const CurfewQuestion* question, int64_t deadline) {
  ssize_t sent;
  do {
    if (!LimitSendWait(fd, deadline)) return false;
    /* Linux raises no SIGPIPE for this kind of socket; a sudo killed by one would leave its terminal raw. */
    sent = send(fd, question, sizeof *question, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == (ssize_t)sizeof *question;
}

static bool AwaitAnswer(int fd, CurfewAnswer* answer, int64_t deadline) {
  for (;;) {
    int64_t left = deadline - NowMs();
    if (left <= 0) return false;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int count = poll(&ready, 1, (int)left);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    /* MSG_TRUNC: the true length of a packet longer than an answer, which is then not one. */
    ssize_t got = recv(fd, answer, sizeof *answer, MSG_DONTWAIT | MSG_TRUNC);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    return got == (ssize_t)sizeof *answer;
  }
}

static bool IsWellFormed(const CurfewAnswer* answer) {
  return answer->magic == kCurfewAnswerMagic && answer->version == kCurfewFrameVersion &&
         memchr(answer->message, '\0', sizeof answer->message) != NULL;
}

/* Names and reasons travel in messages: no control byte reaches somebody's terminal. */
static void MakePrintable(char* text) {
  for (; *text != '\0'; ++text) {
    if ((*text < 0x20 || *text > 0x7e) && *text != '\n') *text = '?';
  }
}

/* A connected socket on which the question was sent, or -1. */
static int PutQuestion(const CurfewQuestion* question, int64_t deadline) {
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (ReachGate(fd, deadline) && PeerIsRoot(fd) && SendQuestion(fd, question, deadline)) return fd;
  close(fd);
  return -1;
}

bool AskGate(const CurfewQuestion* question, CurfewAnswer* answer) {
  int64_t deadline = NowMs() + kAnswerWaitMs;
  int fd = PutQuestion(question, deadline);
  if (fd < 0) return false;
  bool answered = AwaitAnswer(fd, answer, deadline) && IsWellFormed(answer);
  close(fd);
  if (answered) MakePrintable(answer->message);
  return answered;
}

void TellGate(const CurfewQuestion* question) {
  int fd = PutQuestion(question, NowMs() + kTellWaitMs);
  if (fd >= 0) close(fd);
}
