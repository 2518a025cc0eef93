#include "scenarios/runner/catalog/coverage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace zlayer::scenarios {
namespace {

namespace fs = std::filesystem;

std::vector<const CatalogEntry*> All(const Catalog& catalog) {
  std::vector<const CatalogEntry*> entries;
  for (const CatalogEntry& entry : catalog.entries()) entries.push_back(&entry);
  return entries;
}

/// Whether a source file of the lifecycle tests has a test suite of this name.
bool HasTest(const std::string& name) {
  for (const auto& entry : fs::recursive_directory_iterator(ZLAYER_LIFECYCLE_TESTS_DIR)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (const char* macro : {"TEST(", "TEST_F(", "TEST_P("}) {
      if (text.find(macro + name + ",") != text.npos) return true;
    }
  }
  return false;
}

TEST(CoverageTest, EveryFaultThatAClientMeetsHasAScenario) {
  const auto catalog = Catalog::Embedded();
  ASSERT_TRUE(catalog) << catalog.error();
  for (const FaultRow& row : Uncovered(All(*catalog))) {
    ADD_FAILURE() << row.name << ", " << row.what << ": no scenario covers it";
  }
}

TEST(CoverageTest, ARowWithoutItsScenarioIsNamed) {
  const auto catalog = Catalog::Embedded();
  ASSERT_TRUE(catalog) << catalog.error();
  auto entries = All(*catalog);
  std::erase_if(entries, [](const CatalogEntry* entry) {
    const auto& covers = entry->scenario.covers();
    return std::find(covers.begin(), covers.end(), "users#48") != covers.end();
  });
  const auto uncovered = Uncovered(entries);
  EXPECT_TRUE(std::any_of(uncovered.begin(), uncovered.end(),
                          [](const FaultRow& row) { return row.name == "users#48"; }));
}

TEST(CoverageTest, WhatIsJudgedElsewhereIsLittleAndIsThere) {
  int elsewhere = 0;
  for (const FaultRow& row : FaultRows()) {
    if (row.elsewhere.empty()) continue;
    ++elsewhere;
    EXPECT_TRUE(HasTest(row.elsewhere)) << row.name << ": there is no test " << row.elsewhere;
  }
  EXPECT_LE(elsewhere, 4) << "a scenario judges any client, a test only ours";
}

}  // namespace
}  // namespace zlayer::scenarios
