#include "scenarios/runner/catalog/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "scenarios/runner/process/temp_directory.h"

namespace zlayer::scenarios {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kGood[] = "name: \"a/b\" why: \"x\" step { ensure {} }";

void Write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

TEST(CatalogTest, EveryFileOnDiskIsCompiledIn) {
  const auto embedded = Catalog::Embedded();
  ASSERT_TRUE(embedded) << embedded.error();
  const std::vector<std::string> names = embedded->Names();
  EXPECT_GE(names.size(), 250u);
  for (const auto& entry : fs::recursive_directory_iterator(ZLAYER_CATALOG_DIR)) {
    if (entry.is_directory() || entry.path().filename() == "README.md") continue;
    fs::path place = entry.path().lexically_relative(ZLAYER_CATALOG_DIR);
    EXPECT_EQ(place.extension(), ".txtpb") << place << " is not a scenario";
    const std::string name = place.replace_extension().string();
    // A file has one scenario of its own name, or those of its sweep.
    EXPECT_TRUE(std::any_of(names.begin(), names.end(), [&](const std::string& loaded) {
      return loaded == name || loaded.starts_with(name + "-");
    })) << name;
  }
}

TEST(CatalogTest, ADirectoryGivesTheSameAsTheProgram) {
  const auto embedded = Catalog::Embedded();
  const auto read = Catalog::FromDirectory(ZLAYER_CATALOG_DIR);
  ASSERT_TRUE(embedded);
  ASSERT_TRUE(read) << read.error();
  ASSERT_EQ(read->Names(), embedded->Names());
  for (const CatalogEntry& entry : read->entries()) {
    EXPECT_EQ(entry.text, embedded->Find(entry.name)->text) << entry.name;
  }
}

TEST(CatalogTest, AStrayFileIsNamed) {
  const auto directory = TempDirectory::Make();
  ASSERT_TRUE(directory);
  Write(directory->path() + "/a/b.txtpb", kGood);
  ASSERT_TRUE(Catalog::FromDirectory(directory->path()));
  Write(directory->path() + "/a/c.textproto", kGood);
  const auto catalog = Catalog::FromDirectory(directory->path());
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error(),
            directory->path() + "/a/c.textproto: is not a scenario; name it <suite>/<name>.txtpb");
}

TEST(CatalogTest, AFileOutsideASuiteIsNamed) {
  const auto directory = TempDirectory::Make();
  ASSERT_TRUE(directory);
  Write(directory->path() + "/b.txtpb", kGood);
  const auto catalog = Catalog::FromDirectory(directory->path());
  ASSERT_FALSE(catalog);
  EXPECT_THAT(catalog.error(), StartsWith(directory->path() +
                                          "/b.txtpb: a scenario's file is <suite>/<name>.txtpb"));
}

TEST(CatalogTest, AnEmptyOrMissingDirectoryIsNamed) {
  const auto directory = TempDirectory::Make();
  ASSERT_TRUE(directory);
  EXPECT_EQ(Catalog::FromDirectory(directory->path()).error(),
            directory->path() + ": contains no scenario");
  EXPECT_THAT(Catalog::FromDirectory("/nonexistent").error(),
              StartsWith("/nonexistent: cannot be read: No such file"));
}

TEST(CatalogTest, AnUnknownFieldNamesFileLineAndNearestField) {
  const auto entry = Catalog::Parse("a/b", "name: \"a/b\"\nwhyy: \"x\"");
  ASSERT_FALSE(entry);
  EXPECT_THAT(entry.error(), StartsWith("a/b.txtpb:2: unknown field \"whyy\""));
  EXPECT_THAT(entry.error(), HasSubstr("did you mean \"why\"?"));
}

}  // namespace
}  // namespace zlayer::scenarios
