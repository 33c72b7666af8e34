// SPDX-License-Identifier: Apache-2.0
// Labels and host expressions.
#include "core/policy_hosts.h"

#include <gtest/gtest.h>

namespace curfew {
namespace {

HostName Host(const char* text) { return *HostName::Parse(text); }

TEST(HostExpression, EveryTermMustHold) {
  const Labels labels = {{"env", "lab"}, {"role", "web"}};
  const struct {
    const char* expression;
    bool matches;
  } cases[] = {{"env=lab", true},          {"env=lab role=web", true},      {"env=lab,role=web", true},
               {"env=lab, role=web", true}, {"role=db", false},              {"env=lab role=db", false},
               {"name=host1", true},       {"name=host2", false},           {"name=host1 env=prod", false},
               {"zone=a", false},          {"env=LAB", false},              {"env=la", false}};
  for (const auto& c : cases) {
    const auto expression = HostExpression::Parse(c.expression);
    ASSERT_TRUE(expression) << c.expression;
    EXPECT_EQ(expression->Matches(Host("host1"), labels), c.matches) << c.expression;
  }
}

// A token's label `name` must not let one host answer for another.
TEST(HostExpression, NameIsTheHostsOwn) {
  const auto expression = HostExpression::Parse("name=host2");
  ASSERT_TRUE(expression);
  EXPECT_FALSE(expression->Matches(Host("host1"), {{"name", "host2"}}));
}

TEST(HostExpression, RefusesWhatIsNoTerm) {
  for (const char* text : {"", " ", ",", "env", "=lab", "env=", "env=*", "env!=lab", "Env=lab", "env=a=b", "env=a;b", "env=\x01",
                           "a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 l=1 m=1 n=1 o=1 p=1 q=1"}) {
    EXPECT_FALSE(HostExpression::Parse(text)) << text;
  }
}

TEST(HostExpression, TextIsCanonical) {
  EXPECT_EQ(HostExpression::Parse(" env=lab,,  role=web ")->Text(), "env=lab role=web");
}

}  // namespace
}  // namespace curfew
