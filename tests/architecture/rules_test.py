# SPDX-License-Identifier: Apache-2.0
"""Each rule of the house against a text that keeps it and one that breaks it: a rule that finds nothing is no rule."""
import unittest

import arrows
import guest_words
import house
import type_names

SPDX = "// SPDX-License-Identifier: Apache-2.0\n// What it is.\n"


def source(path, *lines):
    return house.Source(path, SPDX + "\n".join(lines))


def found(rule, *arguments):
    return [what for _, what in rule(source(*arguments))]


class Arrows(unittest.TestCase):
    def refused(self, path, include):
        self.assertTrue(found(arrows.check_arrows, path, f"#include {include}"), f"{path} may include {include}")

    def taken(self, path, include):
        self.assertEqual(found(arrows.check_arrows, path, f"#include {include}"), [], f"{path} may not include {include}")

    def test_core_is_alone(self):
        for include in ['"os/file.h"', '"agent/x.h"', "<boost/asio.hpp>", "<thread>", "<mutex>", "<fstream>", "<iostream>",
                        "<ctime>", "<unistd.h>", "<filesystem>", "<systemd/sd-journal.h>", '"proto/sealed.pb.h"',
                        "<openssl/evp.h>", "<yaml-cpp/yaml.h>", "<google/protobuf/message_lite.h>", "<atomic>", "<random>"]:
            self.refused("core/accept.cc", include)
        for include in ['"core/trust.h"', "<chrono>", "<fmt/format.h>", "<tl/expected.hpp>", "<vector>"]:
            self.taken("core/accept.cc", include)

    def test_one_file_for_each_library(self):
        self.taken("core/codec_bundle.cc", '"proto/sealed.pb.h"')
        self.refused("core/codec_grant.h", '"proto/sealed.pb.h"')
        self.taken("core/signature.cc", "<openssl/evp.h>")
        self.refused("core/signature.h", "<openssl/evp.h>")
        self.taken("core/policy_reader.cc", "<yaml-cpp/yaml.h>")
        self.refused("core/policy_reader.h", "<yaml-cpp/yaml.h>")

    def test_os_takes_results_and_time(self):
        self.taken("os/file.cc", '"core/result.h"')
        self.taken("os/file.cc", '"core/time.h"')
        self.refused("os/file.cc", '"core/grant.h"')
        self.refused("os/file.cc", '"proto/wire.pb.h"')

    def test_agent_and_controller_never_meet(self):
        self.refused("agent/tool/join.cc", '"controller/store/store.h"')
        self.refused("controller/serve.cc", '"agent/local_frame.h"')
        self.refused("cli/main.cc", '"controller/api/api.h"')
        self.refused("controller/serve.cc", '"cli/table.h"')
        self.taken("controller/serve.cc", '"core/policy.h"')

    def test_the_agents_programs_do_not_meet(self):
        self.refused("agent/enforcer/turn/loop.cc", '"agent/link/link.h"')
        self.refused("agent/link/link.cc", '"agent/enforcer/state/state_file.h"')
        self.refused("agent/tool/doctor.cc", '"agent/enforcer/host/survey.h"')
        self.refused("agent/tool/join.cc", '"agent/link/link_files.h"')
        self.taken("agent/link/link.cc", '"agent/local_frame.h"')

    def test_only_root_programs_see_how_the_host_is_set(self):
        self.taken("agent/enforcer/host/sshd_block.cc", '"agent/host_settings/sshd_place.h"')
        self.taken("agent/tool/doctor.cc", '"agent/host_settings/host_look.h"')
        self.refused("agent/link/line.cc", '"agent/host_settings/sshd_place.h"')
        self.refused("agent/agent_file.cc", '"agent/host_settings/said.h"')
        self.refused("agent/host_settings/sshd.cc", '"agent/tool/setup.h"')

    def test_the_enforcers_rooms_see_one_way_only(self):
        self.taken("agent/enforcer/turn/loop.cc", '"agent/enforcer/sessions/aftermath.h"')
        self.taken("agent/enforcer/enforcer.h", '"agent/enforcer/gate/gate_server.h"')
        self.refused("agent/enforcer/sessions/aftermath.cc", '"agent/enforcer/turn/loop.h"')
        self.refused("agent/enforcer/state/journal.cc", '"agent/enforcer/host/ground.h"')
        self.refused("agent/enforcer/gate/gatekeeper.cc", '"agent/enforcer/enforcer.h"')

    def test_proto_in_wire_files(self):
        self.taken("agent/link/wire.cc", '"proto/wire.pb.h"')
        self.refused("agent/link/link.cc", '"proto/wire.pb.h"')
        self.refused("agent/link/wire.h", '"proto/wire.pb.h"')

    def test_guest_and_last_resort_include_nothing(self):
        for path in ["pam_module/gate.c", "agent/reaper/past.cc"]:
            for include in ['"core/result.h"', '"os/file_descriptor.h"', '"agent/local_frame.h"', '"agent/enforcer/state/state_file.h"']:
                self.refused(path, include)
        self.taken("pam_module/gate.c", '"pam_module/frame.h"')
        self.taken("agent/reaper/ending.cc", '"core/fate.h"')
        self.refused("pam_module/gate.c", '"core/fate.h"')
        self.taken("agent/reaper/past.cc", '"agent/reaper/past.h"')
        self.refused("agent/reaper/past.cc", '"pam_module/frame.h"')
        self.taken("agent/enforcer/gate/gatekeeper.cc", '"pam_module/frame.h"')
        self.refused("agent/link/link.cc", '"pam_module/frame.h"')
        self.refused("agent/enforcer/gate/gatekeeper.cc", '"pam_module/gate.h"')
        self.refused("pam_module/gate.c", "<string>")

    def test_the_controllers_rooms(self):
        self.taken("controller/serve.cc", '"controller/workflow/workflow.h"')
        self.taken("controller/workflow/fleet_authority.h", '"controller/fleet/authority.h"')
        self.refused("controller/workflow/fleet_authority.h", '"controller/fleet/listener.h"')
        self.taken("controller/api/api.cc", '"controller/workflow/workflow.h"')
        self.refused("controller/workflow/workflow.cc", '"controller/api/api.h"')
        self.taken("controller/fleet/listener.cc", '"controller/identity/tls_context.h"')
        for room in ["store", "identity"]:
            for other in sorted(set(arrows.CONTROLLER_ROOMS) - {room}):
                self.refused(f"controller/{room}/a.h", f'"controller/{other}/b.h"')
        self.refused("controller/fleet/listener.cc", '"controller/store/store.h"')
        self.refused("controller/api/api.cc", '"controller/fleet/listener.h"')
        self.refused("controller/workflow/workflow.cc", '"controller/settings.h"')
        self.refused("controller/elsewhere/a.cc", '"controller/store/store.h"')

    def test_nothing_includes_tests(self):
        self.refused("core/accept.cc", '"tests/core/trust_world.h"')
        self.refused("bench/run.cc", '"tests/core/trust_world.h"')
        self.taken("tests/core/accept_test.cc", '"tests/core/trust_world.h"')

    def test_own_headers_have_whole_paths_and_quotes(self):
        self.refused("core/accept.cc", '"accept.h"')
        self.refused("core/accept.cc", "<core/accept.h>")

    def test_circles(self):
        sources = [source("core/a.h", '#include "core/b.h"'), source("core/b.h", '#include "core/c.h"'),
                   source("core/c.h", '#include "core/a.h"'), source("core/d.h", '#include "core/a.h"')]
        self.assertEqual(len(list(arrows.check_cycles(sources))), 1)
        self.assertEqual(list(arrows.check_cycles(sources[:2])), [])


class TypeNames(unittest.TestCase):
    def clashes(self, *sources):
        return [path for path, _, _ in type_names.check_type_names(sources)]

    def test_a_name_is_one_type(self):
        one = source("core/layers.h", "struct Look {", "  int x;", "};")
        for other in ("struct Look {};", "class Look final : public Other {", "enum class Look { kOne };", "using Look = int;",
                      "template <class T>\nstruct Look {};", "template <class T>\nusing Look = T;"):
            self.assertEqual(self.clashes(one, source("os/verbs.h", other)), ["os/verbs.h"], other)
        for kept in ("struct Look;", "// struct Look {};", "struct Other {\n  struct Look {};\n};", "Look look{};"):
            self.assertEqual(self.clashes(one, source("os/verbs.h", kept)), [], kept)

    def test_rooms_and_guests(self):
        one = source("core/layers.h", "struct Look {};")
        for path in ("cli/verbs.h", "controller/verbs.h", "agent/tool/verbs.h"):
            self.assertEqual(len(self.clashes(one, source(path, "struct Look {};"))), 1, path)
        for path in ("agent/reaper/past.h", "tests/core/law.h", "core/layers.cc"):
            self.assertEqual(self.clashes(one, source(path, "struct Look {};")), [], path)


class GuestWords(unittest.TestCase):
    def test_the_guest_has_words_of_its_own(self):
        guest = source("pam_module/gate.c", "static bool Ask(int fd,", "                const char* what) {", "  return Known(fd);", "}")
        for path, line, kept in (("core/ask.h", "int Ask(int);", False), ("agent/ask.cc", "  return host.Ask(1);", False),
                                 ("core/ask.h", "int AskAll(int);", True), ("core/ask.h", "// Ask(1)", True),
                                 ("cli/known.cc", "bool Known(int fd) {", True), ("tests/core/ask.cc", "Ask(1);", True)):  # fmt: skip
            said = list(guest_words.check_guest_words([guest, source(path, line)]))
            self.assertEqual(said == [], kept, (path, line))


class House(unittest.TestCase):
    def test_purity(self):
        self.assertTrue(found(arrows.check_purity, "core/a.cc", "auto t = std::chrono::system_clock::now();"))
        self.assertTrue(found(arrows.check_purity, "core/a.cc", "clock_gettime(CLOCK_REALTIME, &t);"))
        self.assertEqual(found(arrows.check_purity, "core/a.cc", "// clock_gettime(2)", 'f("printf");'), [])
        self.assertEqual(found(arrows.check_purity, "os/a.cc", "clock_gettime(CLOCK_REALTIME, &t);"), [])

    def test_licence_and_head(self):
        self.assertTrue(list(house.check_licence(house.Source("core/a.cc", "// nothing\n"))))
        self.assertTrue(list(house.check_licence(house.Source("a.py", "#!/usr/bin/env python3\nimport os\n"))))
        self.assertFalse(list(house.check_licence(house.Source("a.py", "#!/usr/bin/python3\n# " + SPDX[3:]))))
        self.assertEqual(found(house.check_licence, "core/a.cc"), [])
        self.assertTrue(list(house.check_head(house.Source("core/a.cc", SPDX.splitlines()[0] + "\n#include <set>\n"))))
        self.assertTrue(found(house.check_head, "core/a.cc", "// TO" + "DO: later"))

    def test_length(self):
        self.assertEqual(found(house.check_length, "core/a.cc", *["x;"] * 298), [])
        self.assertTrue(found(house.check_length, "core/a.cc", *["x;"] * 299))

    def test_functions(self):
        for lines, kept in ((43, True), (44, False)):
            text = ["int Long(int x) {", *["  ++x;"] * lines, "}", "", "class Long {", *["  int x;"] * 100, "};"]
            self.assertEqual(found(house.check_functions, "core/a.cc", *text) == [], kept, lines)

    def test_names(self):
        for line in ["class GrantManager {", "void HandlerOf();", "struct Impl;", "class Base {", "using StoreFactory = int;"]:
            self.assertTrue(found(house.check_names, "core/a.cc", line), line)
        for line in ["DecodeBase64(text);", "class Database {", "// a Helper", 'f("Manager");', "boost::SomeHandler f;",
                     "Implement();", "Baseline x;", "#include <yaml-cpp/eventHandler.h>", "x.SetHandler(1);"]:
            self.assertEqual(found(house.check_names, "core/a.cc", line), [], line)
        self.assertTrue(found(house.check_names, "core/string_util.cc"))
        self.assertTrue(found(house.check_names, "tests/lab/helper.py"))
        self.assertEqual(found(house.check_names, "core/base64.cc"), [])

    def test_namespace(self):
        self.assertTrue(found(house.check_namespace, "core/a.cc", "namespace other {"))
        self.assertTrue(found(house.check_namespace, "core/a.h", "namespace curfew {"))
        self.assertEqual(found(house.check_namespace, "core/a.h", "#pragma once", "namespace curfew::test {", "namespace {"), [])


if __name__ == "__main__":
    unittest.main()
