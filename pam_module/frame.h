/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate's frame: one fixed-size question and one fixed-size answer, each one packet on the
 * SOCK_SEQPACKET socket /run/curfew/gate.sock. Plain C, host byte order (both ends are one machine),
 * no padding. MUST: a packet of any other size, magic or version is refused by whoever reads it. */
#ifndef CURFEW_PAM_MODULE_FRAME_H_
#define CURFEW_PAM_MODULE_FRAME_H_

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

enum {
  kCurfewQuestionMagic = 0x43465751, /* "CFWQ" */
  kCurfewAnswerMagic = 0x43465741,   /* "CFWA" */
  kCurfewFrameVersion = 1
};

enum {
  kCurfewListBytes = 128 * 1024 /* the longest /var/lib/curfew/managed that the module reads */
};

enum CurfewQuestionKind {
  kCurfewAccount = 1,      /* may this account use this service now? */
  kCurfewSessionOpen = 2,  /* sshd, login: decide again and say the one line; sudo, su: told, no answer is read */
  kCurfewSessionClose = 3, /* told, no answer is read */
  kCurfewHint = 4          /* sudo's auth stage: deny carries what to type, allow means there is nothing to say */
};

enum CurfewGate {
  kCurfewGateLogin = 1,
  kCurfewGateSudo = 2
};

enum CurfewOpening {
  kCurfewOpenTold,  /* its session stage only tells */
  kCurfewOpenAsked, /* asks again, for the one line; a refusal changes nothing */
  kCurfewOpenHeeded /* a refusal keeps the session from beginning */
};

/* The PAM services that ask: number, PAM's name, the gate each asks for, what its session open does. Every other service asks
 * for nothing. */
#define CURFEW_SERVICES(ROW)                                 \
  ROW(Sshd, 1, "sshd", kCurfewGateLogin, kCurfewOpenHeeded)  \
  ROW(Login, 2, "login", kCurfewGateLogin, kCurfewOpenAsked) \
  ROW(Sudo, 3, "sudo", kCurfewGateSudo, kCurfewOpenTold)     \
  ROW(SudoI, 4, "sudo-i", kCurfewGateSudo, kCurfewOpenTold)  \
  ROW(Su, 5, "su", kCurfewGateLogin, kCurfewOpenTold)        \
  ROW(SuL, 6, "su-l", kCurfewGateLogin, kCurfewOpenTold)

#define CURFEW_SERVICE_NUMBER(service, number, word, gate, opening) kCurfew##service = (number),
enum CurfewService {
  kCurfewOther = 0, /* never sent by this module: leaves room for services added in agent.toml */
  CURFEW_SERVICES(CURFEW_SERVICE_NUMBER)
};

enum CurfewVerdict {
  kCurfewDeny = 0,
  kCurfewAllow = 1 /* every other value is a denial */
};

/* All texts are NUL-padded to their end and hold at least one NUL; empty = not known. Only `account`,
 * `service` and `kind` are what the module itself decided on; the rest is what PAM's caller said.
 * The process that asks is known from SO_PEERCRED alone, never from the packet. */
typedef struct CurfewQuestion {
  uint32_t magic;
  uint16_t version;
  uint8_t kind;              /* CurfewQuestionKind */
  uint8_t service;           /* CurfewService */
  uint8_t terminal;          /* 1: terminal_name is a terminal; always 0 for sshd, which asks before it has one */
  uint8_t key_truncated;     /* 1: the key did not fit, `key` is empty */
  uint8_t other_spelling;    /* 1: PAM knows the account by another spelling of this name */
  uint8_t reserved;          /* 0 */
  char account[64];          /* whose grant is asked for, as the managed list spells it: for sudo the invoking account, else the target */
  char terminal_name[32];    /* PAM_TTY without /dev/ */
  char remote_host[64];      /* PAM_RHOST; cut off when longer */
  char key[4096];            /* sshd: "type base64" of the public key that authenticated (RSA-16384 needs 2 772) */
} CurfewQuestion;

typedef struct CurfewAnswer {
  uint32_t magic;
  uint16_t version;
  uint8_t verdict;   /* CurfewVerdict */
  uint8_t reserved;  /* 0 */
  char message[504]; /* NUL-terminated, 0x20-0x7e and \n; other bytes are shown as '?'; empty: say nothing */
} CurfewAnswer;

static_assert(sizeof(CurfewQuestion) == 4268, "the question's size is the contract");
static_assert(offsetof(CurfewQuestion, kind) == 6, "fixed layout");
static_assert(offsetof(CurfewQuestion, terminal) == 8, "fixed layout");
static_assert(offsetof(CurfewQuestion, account) == 12, "fixed layout");
static_assert(offsetof(CurfewQuestion, terminal_name) == 76, "fixed layout");
static_assert(offsetof(CurfewQuestion, remote_host) == 108, "fixed layout");
static_assert(offsetof(CurfewQuestion, key) == 172, "fixed layout");
static_assert(sizeof(CurfewAnswer) == 512, "the answer's size is the contract");
static_assert(offsetof(CurfewAnswer, verdict) == 6, "fixed layout");
static_assert(offsetof(CurfewAnswer, message) == 8, "fixed layout");

#endif /* CURFEW_PAM_MODULE_FRAME_H_ */
