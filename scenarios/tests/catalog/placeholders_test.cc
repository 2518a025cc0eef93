#include "scenarios/runner/catalog/placeholders.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace zlayer::scenarios {
namespace {

TEST(PlaceholdersTest, ReplacesEachName) {
  Placeholders values;
  values.Set("data_dir", "/d");
  values.Set("addr", "h:1");
  EXPECT_EQ(values.Expand("{data_dir}/x at {addr}, {data_dir}"), "/d/x at h:1, /d");
}

TEST(PlaceholdersTest, ValuesAreNotExpandedAgain) {
  Placeholders values;
  values.Set("data_dir", "{addr}");
  EXPECT_EQ(values.Expand("{data_dir}"), "{addr}");
}

TEST(PlaceholdersTest, TwoBracesAreOne) { EXPECT_EQ(Placeholders().Expand("a {{ b }"), "a { b }"); }

TEST(PlaceholdersTest, ANameWithoutAValueIsAnError) {
  EXPECT_EQ(Placeholders().Expand("{addr}").error(), "{addr} has no value in this run");
}

TEST(PlaceholdersTest, AnUnknownNameIsAnError) {
  EXPECT_EQ(CheckPlaceholders("{adr}"), "unknown placeholder \"{adr}\"; did you mean \"addr\"?");
  EXPECT_EQ(CheckPlaceholders("{addr"), "\"{\" without \"}\"; write \"{{\" for a plain brace");
  EXPECT_EQ(CheckPlaceholders("{addr} and {{no_name}"), "");
}

TEST(PlaceholdersTest, TheReadmeExplainsEachOfThem) {
  std::ifstream file(ZLAYER_CATALOG_DIR "/README.md");
  std::ostringstream text;
  text << file.rdbuf();
  for (const std::string& name : PlaceholderNames()) {
    EXPECT_NE(text.str().find("`{" + name + "}`"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace zlayer::scenarios
