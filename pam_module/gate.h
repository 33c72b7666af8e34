/* SPDX-License-Identifier: Apache-2.0
 *
 * One question on the gate's socket, within a time that ends whatever the other side does. */
#ifndef CURFEW_PAM_MODULE_GATE_H_
#define CURFEW_PAM_MODULE_GATE_H_

#include <stdbool.h>

#include "pam_module/frame.h"

/* True when a whole, well-formed answer came in time; `answer->message` is then safe to print. */
bool AskGate(const CurfewQuestion* question, CurfewAnswer* answer);

/* Sends and does not look back. */
void TellGate(const CurfewQuestion* question);

#endif /* CURFEW_PAM_MODULE_GATE_H_ */
