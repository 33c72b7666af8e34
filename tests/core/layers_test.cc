// SPDX-License-Identifier: Apache-2.0
// Each single fact that is not as it should be takes exactly its layer away, and is named.
#include "core/layers.h"

#include <gtest/gtest.h>

#include <functional>

namespace curfew::test {
namespace {

LayerFacts Sound() {
  LayerFacts facts;
  facts.sudos = {SudoProgram{"/usr/bin/sudo", false, "1.9.13p3"}};
  facts.sshd = SshdFacts{"9.2p1", {"OpenSSH_9.2p1", ""}, {"here", ""}, {{"dev1", ""}}, {{"root", ""}, {"ops1", ""}}, false};
  facts.gate = facts.enforcer = facts.reaper = true;
  return facts;
}

TEST(Layers, AllHoldOnASoundHost) {
  EXPECT_EQ(LayersOf(Sound()).size(), std::size(kLayers));
  for (const auto& check : ChecksOf(Sound())) EXPECT_EQ(check.flaw, "") << check.name;
}

TEST(Layers, EachFlawTakesItsOwnLayerAndNoOther) {
  struct Row {
    const char* name;
    Layer layer;
    std::function<void(LayerFacts&)> spoil;
    bool wrong = true;
  };
  const Row rows[] = {
      {"no sudo", Layer::kNativeSudo, [](LayerFacts& f) { f.sudos.clear(); }},
      {"an old sudo", Layer::kNativeSudo, [](LayerFacts& f) { f.sudos.front().version = "1.9.8"; }, false},
      {"a silent sudo", Layer::kNativeSudo, [](LayerFacts& f) { f.sudos.front().version = ""; }, false},
      {"sudo-rs beside it", Layer::kNativeSudo, [](LayerFacts& f) { f.sudos.push_back({"/usr/bin/sudo-rs", true, "0.2.5"}); }, false},
      {"no includedir", Layer::kNativeSudo, [](LayerFacts& f) { f.sudoers_folder.flaw = "x"; }},
      {"no line of ours", Layer::kNativeSudo, [](LayerFacts& f) { f.sudoers_line.flaw = "x"; }},
      {"a broken tree", Layer::kNativeSudo, [](LayerFacts& f) { f.sudoers_tree.flaw = "x"; }},
      {"no sshd", Layer::kNativeKey, [](LayerFacts& f) { f.sshd.reset(); }, false},
      {"an old sshd", Layer::kNativeKey, [](LayerFacts& f) { f.sshd->version = "9.0p1"; }, false},
      {"a broken sshd_config", Layer::kNativeKey, [](LayerFacts& f) { f.sshd->test.flaw = "x"; }},
      {"no block", Layer::kNativeKey, [](LayerFacts& f) { f.sshd->block.flaw = "x"; }},
      {"an account with its own keys", Layer::kNativeKey, [](LayerFacts& f) { f.sshd->bound.front().flaw = "x"; }},
      {"root with ours", Layer::kNativeKey, [](LayerFacts& f) { f.sshd->free.front().flaw = "x"; }},
      {"no module", Layer::kPam, [](LayerFacts& f) { f.pam_module.flaw = "x"; }},
      {"no PAM line", Layer::kPam, [](LayerFacts& f) { f.pam_profile.flaw = "x"; }},
      {"no gate", Layer::kPam, [](LayerFacts& f) { f.gate = false; }},
      {"no enforcer", Layer::kTimer, [](LayerFacts& f) { f.enforcer = false; }},
      {"no reaper", Layer::kReaper, [](LayerFacts& f) { f.reaper = false; }},
      {"/run on a disk", Layer::kTmpfs, [](LayerFacts& f) { f.tmpfs.flaw = "x"; }},
  };
  for (const Row& row : rows) {
    LayerFacts facts = Sound();
    row.spoil(facts);
    const auto holding = LayersOf(facts);
    for (const Layer layer : kLayers) EXPECT_EQ(holding.contains(layer), layer != row.layer) << row.name << ": " << Word(layer);
    int named = 0;
    for (const auto& check : ChecksOf(facts)) {
      if (check.flaw.empty()) continue;
      ++named;
      EXPECT_EQ(check.wrong, row.wrong) << row.name;
      EXPECT_TRUE(!check.wrong || !check.fix.empty()) << row.name;
    }
    EXPECT_EQ(named, 1) << row.name;
  }
}

TEST(Layers, NothingHoldsWhereNothingWasLookedAt) {
  EXPECT_FALSE(LayersOf(LayerFacts{}).contains(Layer::kNativeSudo));
  EXPECT_FALSE(LayersOf(LayerFacts{}).contains(Layer::kNativeKey));
  EXPECT_FALSE(LayersOf(LayerFacts{}).contains(Layer::kReaper));
}

TEST(Layers, WordsAreThoseOfTheJson) {
  std::string words;
  for (const Layer layer : kLayers) words += std::string(Word(layer)) + " ";
  EXPECT_EQ(words, "native_sudo native_key timer pam reaper tmpfs ");
}

}  // namespace
}  // namespace curfew::test
