// SPDX-License-Identifier: Apache-2.0
// A function for each verb: talks to the controller, prints, gives the exit code. Nothing here decides about access.
#pragma once

#include "cli/home.h"
#include "cli/halt.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace curfew {

struct Context {
  Home home;
  Style style;
  Terminal terminal;
};

[[nodiscard]] Answer<ExitCode> Run(const LoginVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const KeyAddVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const KeyListVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const KeyRemoveVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const RequestVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const DecideVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const EndVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const ExtendVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const ListVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const ShowVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const HostsVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const SshVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const AuditListVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const AuditVerifyVerb& verb, Context& context);
[[nodiscard]] Answer<ExitCode> Run(const PolicyCheckVerb& verb, Context& context);

}  // namespace curfew
