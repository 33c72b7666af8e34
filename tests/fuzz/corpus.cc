// SPDX-License-Identifier: Apache-2.0
// Writes a sound sealed message of each purpose into the folder named by argv[1]: where the fuzzers begin.
#include <fstream>
#include <iostream>

#include "tests/core/trust_world.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_corpus FOLDER\n";
    return 2;
  }
  for (const curfew::Purpose purpose : curfew::test::AllPurposes()) {
    const std::string name = std::string(argv[1]) + "/" + std::to_string(static_cast<int>(purpose));
    std::ofstream file(name, std::ios::binary);
    file << curfew::test::SealBy(purpose, curfew::test::SoundBody(purpose), {"one"});
    if (!file.flush()) return 1;
  }
  return 0;
}
