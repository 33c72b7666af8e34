/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks an account up in the managed list, which is all that says whether the module may deny. A directory service can know
 * an account by more spellings than one, and the process gets its uid by each of them; without looking names up the module
 * cannot tell them from another account's, so every spelling of a listed name is that name. */
#ifndef CURFEW_PAM_MODULE_MANAGED_H_
#define CURFEW_PAM_MODULE_MANAGED_H_

#include <stdbool.h>

#include "pam_module/frame.h"

enum { kListedNameBytes = 64 };

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
  char name[kListedNameBytes];       /* as the list spells it; empty when it does not fit */
} Managed;

Managed FindManaged(const char* account);

#endif /* CURFEW_PAM_MODULE_MANAGED_H_ */
