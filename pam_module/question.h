/* SPDX-License-Identifier: Apache-2.0
 *
 * The service table, and the filling of a question from what PAM's caller said. */
#ifndef CURFEW_PAM_MODULE_QUESTION_H_
#define CURFEW_PAM_MODULE_QUESTION_H_

#include <security/pam_appl.h>
#include <stdbool.h>

#include "pam_module/frame.h"
#include "pam_module/managed.h"

/* What is asked, of whom and for which gate; the same for every stage of one PAM handle. */
typedef struct Subject {
  enum CurfewService service;
  enum CurfewGate gate;
  enum CurfewOpening opening;
  const char* account; /* PAM's memory: valid until an item changes */
} Subject;

/* False where nothing is gated whatever the managed list says: another service, su by root, no name. */
bool ReadSubject(pam_handle_t* pamh, Subject* subject);

/* False when the account's name does not fit, so that no question can be asked of it. */
bool FillQuestion(pam_handle_t* pamh, const Subject* subject, const Managed* managed, enum CurfewQuestionKind kind,
                  CurfewQuestion* question);

#endif /* CURFEW_PAM_MODULE_QUESTION_H_ */
