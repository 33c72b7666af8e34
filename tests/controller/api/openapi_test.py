# SPDX-License-Identifier: Apache-2.0
"""api/openapi.yaml is the source: what it lists is served, and what is served of a path is what it lists."""
import pathlib
import re

import house

SOURCE = pathlib.Path(__file__).parents[3] / "api/openapi.yaml"
METHODS = ("get", "post", "put", "delete", "patch")


def operations():
    """{path: {method}} of the file; its form is ours, so two indentations are all there is to read."""
    paths, path = {}, None
    text = SOURCE.read_text().split("\npaths:\n")[1].split("\ncomponents:\n")[0]
    for line in text.splitlines():
        if found := re.fullmatch(r"  (/\S*):", line):
            path = found.group(1)
            paths[path] = set()
        elif found := re.fullmatch(r"    (\w+):", line):
            paths[path].add(found.group(1))
    return paths


class OpenApi(house.Served):
    def test_every_operation_is_served_and_no_other(self):
        paths = operations()
        self.assertGreater(len(paths), 15)
        identifiers = {"/v1/requests/{id}": self.request()["id"]}
        for path, methods in paths.items():
            self.assertLessEqual(methods, set(METHODS))
            known = next((value for prefix, value in identifiers.items() if path.startswith(prefix)), "0")
            for method in METHODS:
                reply = self.ask_as("owner1", method.upper(), path.replace("{id}", known))
                code = reply.json.get("code") if isinstance(reply.json, dict) else None
                if path == "/v1/logout" and method in methods:
                    self.tokens["owner1"] = self.house.login("owner1")
                if method in methods:
                    self.assertNotIn(reply.status, (405, 500), (method, path, reply.text))
                    self.assertNotIn("there is nothing at", reply.text, (method, path))
                else:
                    self.assertEqual((reply.status, code), (405, "method"), (method, path, reply.text))

    def test_every_code_that_is_sent_is_listed(self):
        listed = SOURCE.read_text().split("    Problem:\n")[1].split("      type: object")[0]
        sent = set()
        for source in (SOURCE.parents[1] / "controller/api").glob("*.cc"):
            sent |= set(re.findall(r'\{(?:Refusal::\w+, )?\d{3}, "([a-z-]+)"', source.read_text()))
        self.assertGreater(len(sent), 12)
        for code in sent:
            self.assertIn(code, listed)
