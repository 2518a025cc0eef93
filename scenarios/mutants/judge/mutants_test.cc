// Tests the heads of the patches and the table. The ctest tests mutant.<name> run the mutants.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/message_file.h"
#include "scenarios/mutants/judge/mutant.h"
#include "scenarios/mutants/judge/table.h"

namespace zlayer::scenarios {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kPatch[] =
    "Why: It was forgotten.\n"
    "Fails: control/honest spawn/*\n"
    "Fails: rpc/health\n"
    "\n"
    "--- a/lifecycle/src/start.cc\n"
    "Why: not this one\n";

TEST(MutantsTest, EveryScenarioIsFailedByAMutantOrSaysWhyNoneCan) {
  const auto catalog = Catalog::Embedded();
  ASSERT_TRUE(catalog) << catalog.error();
  const auto mutants = ReadMutants(ZLAYER_MUTANTS_DIR, *catalog);
  ASSERT_TRUE(mutants) << mutants.error();
  EXPECT_THAT(Unproven(*mutants, *catalog), IsEmpty())
      << "no mutant fails these scenarios: write one, or set no_mutant";
}

TEST(MutantsTest, AScenarioWithoutAMutantIsNamedByNone) {
  const auto catalog = Catalog::Embedded();
  ASSERT_TRUE(catalog);
  const auto mutants = ReadMutants(ZLAYER_MUTANTS_DIR, *catalog);
  ASSERT_TRUE(mutants);
  for (const CatalogEntry& entry : catalog->entries()) {
    if (entry.scenario.no_mutant().empty()) continue;
    for (const Mutant& mutant : *mutants) {
      EXPECT_FALSE(mutant.Names(entry.name)) << entry.name << " says no_mutant: " << mutant.name;
    }
  }
}

TEST(MutantsTest, TheTableIsThatOfThePatches) {
  const auto catalog = Catalog::Embedded();
  ASSERT_TRUE(catalog);
  const auto mutants = ReadMutants(ZLAYER_MUTANTS_DIR, *catalog);
  ASSERT_TRUE(mutants);
  const auto table = ReadFile(ZLAYER_MUTANTS_DIR "/TABLE.md");
  ASSERT_TRUE(table) << table.error();
  EXPECT_EQ(*table, MutantTable(*mutants, *catalog)) << "generate it again, as README.md says";
}

TEST(MutantsTest, AHeadIsRead) {
  const auto catalog = Catalog::Embedded();
  ASSERT_TRUE(catalog);
  const auto mutant = ParseMutant("m", kPatch, *catalog);
  ASSERT_TRUE(mutant) << mutant.error();
  EXPECT_EQ(mutant->why, "It was forgotten.");
  EXPECT_THAT(mutant->fails, ElementsAre("control/honest", "spawn/*", "rpc/health"));
  EXPECT_TRUE(mutant->Names("spawn/wrapper"));
  EXPECT_FALSE(mutant->Names("control/remote"));
}

TEST(MutantsTest, TheHeadEndsWhereGitsDiffBegins) {
  const auto catalog = Catalog::Embedded();
  ASSERT_TRUE(catalog);
  EXPECT_TRUE(ParseMutant("m", "Why: x\nFails: rpc/health\n\ndiff --git a/x b/x\n", *catalog));
}

TEST(MutantsTest, AWrongHeadIsNamed) {
  const auto catalog = Catalog::Embedded();
  ASSERT_TRUE(catalog);
  const auto error = [&](std::string_view text) {
    return ParseMutant("m", text, *catalog).error();
  };
  EXPECT_THAT(error("Why: x\nFails: spawn/wraper\n"), HasSubstr("did you mean \"spawn/wrapper\""));
  EXPECT_THAT(error("Why: x\n"), HasSubstr("m.patch: \"Fails: \" names no scenario"));
  EXPECT_THAT(error("Fails: spawn/*\n"), HasSubstr("m.patch: has no \"Why: \""));
  EXPECT_THAT(error("Because: x\n"), HasSubstr("\"Because: x\" begins with neither"));
}

}  // namespace
}  // namespace zlayer::scenarios
