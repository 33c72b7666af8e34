/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks an account up in the managed list, which is all that says whether the module may deny. A directory service can know
 * an account by more spellings than one, and the process gets its uid by each of them; so every spelling of a listed
 * name counts as that name until the user database says that it is somebody else's. */
#ifndef CURFEW_PAM_MODULE_MANAGED_H_
#define CURFEW_PAM_MODULE_MANAGED_H_

#include <stdbool.h>
#include <sys/types.h>

#include "pam_module/frame.h"

enum { kListedNameBytes = 64 };

static const uid_t kUnknownUid = (uid_t)-1;

typedef enum ManagedState {
  kManagedFound,       /* `gates` says for what */
  kManagedNot,         /* the list was read and does not name the account */
  kManagedNoList,      /* missing, or not a list that root alone can write */
  kManagedNoResources  /* this process has no descriptor or memory left: a state its caller can make */
} ManagedState;

typedef struct Managed {
  ManagedState state;
  unsigned gates;                    /* kCurfewGateLogin | kCurfewGateSudo; 0 unless found */
  bool other_spelling;               /* in other case or with a domain */
  uid_t uid;                         /* as listed; kUnknownUid when the host has not seen it */
  char name[kListedNameBytes];       /* as the list spells it; empty when it does not fit */
} Managed;

Managed FindManaged(const char* account);
/* For an account that is another spelling: the line with its uid, else one whose uid is not known. */
Managed FindSpelling(const char* account, uid_t uid);

#endif /* CURFEW_PAM_MODULE_MANAGED_H_ */
