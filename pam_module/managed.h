/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks an account up in the managed list, which is all that says whether the module may deny. */
#ifndef CURFEW_PAM_MODULE_MANAGED_H_
#define CURFEW_PAM_MODULE_MANAGED_H_

enum {
  kGatedLogin = 1,
  kGatedSudo = 2
};

typedef enum ManagedState {
  kManagedFound,       /* `gates` says for what */
  kManagedNot,         /* the list was read and does not name the account */
  kManagedNoList,      /* missing, or not a list that root alone can write */
  kManagedNoResources  /* this process has no descriptor or memory left: a state its caller can make */
} ManagedState;

typedef struct Managed {
  ManagedState state;
  unsigned gates; /* kGatedLogin | kGatedSudo; 0 unless found */
} Managed;

Managed FindManaged(const char* account);

#endif /* CURFEW_PAM_MODULE_MANAGED_H_ */
