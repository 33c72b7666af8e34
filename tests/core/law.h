// SPDX-License-Identifier: Apache-2.0
// A law is a property over random worlds; rapidcheck looks for the smallest world that breaks it.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/core/state_world.h"

namespace curfew::test {

/// Runs `property(Dice&)`, which says what is wrong with RC_ASSERT, over many worlds.
template <class Property>
void Law(const std::string& sentence, Property property) {
  SetLawParameters();
  EXPECT_TRUE(rc::check(sentence, [&] {
    Dice dice(
        [](std::size_t below) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, below)); });
    property(dice);
  })) << sentence;
}

}  // namespace curfew::test
