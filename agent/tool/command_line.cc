// SPDX-License-Identifier: Apache-2.0
// CLI11 seen by this file alone.
#include "agent/tool/command_line.h"

#include <CLI/CLI.hpp>

#include "agent/tool/exit.h"

namespace curfew {
namespace {

constexpr const char* kFooter =
    "Examples:\n"
    "  curfew-agent join --controller https://curfew.example:7443 --token-file /root/token --ca /root/ca.crt\n"
    "  curfew-agent setup --dry-run      what would change\n"
    "  curfew-agent setup                sudo, sshd and PAM begin to ask\n"
    "  curfew-agent doctor               what holds here, what is wrong and how to mend it\n"
    "  curfew-agent status -o json\n"
    "  curfew-agent offer bundle.sealed  hand sealed bytes over by hand\n"
    "  curfew-agent revoke-all           end every grant on this host now\n"
    "Exit: 0 done, 1 failed or a check is red, 2 usage, 4 not enrolled, 5 refused, 7 enforcer or controller "
    "unreachable.";

struct Parser {
  CLI::App app{"Curfew on this host: join a controller, set up sudo, sshd and PAM, and see what holds.",
               "curfew-agent"};
  std::string root;
  std::string output = "table";
  JoinOptions join;
  SetupCommand setup;
  OfferCommand offer;
  RevokeAllCommand revoke;
};

void AddOutput(Parser& parser, CLI::App* verb) {
  verb->add_option("-o,--output", parser.output, "table or json")->check(CLI::IsMember({"table", "json"}));
}

void AddJoin(Parser& parser) {
  auto* verb = parser.app.add_subcommand("join", "Enrol this host by a token; may be run again, keys are kept");
  verb->add_option("--controller", parser.join.controller, "URL of the API, https://HOST:7443")->required();
  verb->add_option("--token-file", parser.join.token_file, "file that holds the token, - for standard input")
      ->required();
  verb->add_option("--ca", parser.join.ca, "PEM file of the controller's CA; default: the system's roots");
  verb->add_option("--name", parser.join.name, "the host's name at the controller; default: this machine's");
}

void AddSetup(Parser& parser) {
  auto* verb = parser.app.add_subcommand(
      "setup", "Let sudo, sshd and PAM ask Curfew; only files of our own, all undone by --undo");
  verb->add_option("part", parser.setup.part, "pam, sshd, sudoers or all")
      ->check(CLI::IsMember({"pam", "sshd", "sudoers", "all"}));
  auto* dry = verb->add_flag("--dry-run", parser.setup.dry_run, "say what would change, change nothing");
  verb->add_flag("--undo", parser.setup.undo, "take back what setup did")->excludes(dry);
}

void AddVerbs(Parser& parser) {
  CLI::App& app = parser.app;
  app.require_subcommand(1);
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("curfew-agent ") + CURFEW_VERSION);
  app.add_option("--root", parser.root, "for tests: everything below this folder")->group("");
  AddJoin(parser);
  AddOutput(parser, app.add_subcommand("status", "What the enforcer holds now: grants, bundle, link, events waiting"));
  AddOutput(parser,
            app.add_subcommand("doctor", "Check layer by layer; exit 1 when a check is red or fewer than three hold"));
  AddSetup(parser);
  app.add_subcommand("revoke-all", "End every grant on this host now")
      ->add_flag("--wait", parser.revoke.wait, "until the controller has the proofs, half a minute at most");
  app.add_subcommand("offer", "Hand sealed bytes to the enforcer as the link would, and print its verdict")
      ->add_option("file", parser.offer.file,
                   "file with a sealed bundle, role table or revocation, - for standard input")
      ->required();
  app.add_subcommand("leave", "End every grant, undo setup, deliver the proofs and forget the controller");
  for (const char* later : {"ask", "break-glass", "inventory"}) {
    app.add_subcommand(later, "Comes in a later release")->allow_extras();
  }
}

Verb Chosen(const Parser& parser) {
  const std::string verb = parser.app.get_subcommands().front()->get_name();
  const bool json = parser.output == "json";
  if (verb == "join") return parser.join;
  if (verb == "status") return StatusCommand{json};
  if (verb == "doctor") return DoctorCommand{json};
  if (verb == "setup") return parser.setup;
  if (verb == "revoke-all") return parser.revoke;
  if (verb == "offer") return parser.offer;
  if (verb == "leave") return LeaveCommand{};
  return LaterCommand{verb};
}

}  // namespace

std::variant<int, CommandLine> ParseCommandLine(int argc, char** argv) {
  Parser parser;
  AddVerbs(parser);
  try {
    parser.app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    return parser.app.exit(stop) == 0 ? 0 : static_cast<int>(Exit::kUsage);
  }
  return CommandLine{Paths{parser.root}, Chosen(parser)};
}

}  // namespace curfew
