// `--list-faults` prints the comments of proto/fault_plan.proto, and fakes/FAULTS.md is its output.
// The numbers in those comments are compared with the constants of the code.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "fakes/src/faults/defaults.h"
#include "fakes/src/process/lifetime.h"
#include "fakes/src/process/memory_bound.h"
#include "fakes/tests/fixture/fake.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {
namespace {

using ::testing::HasSubstr;

std::string Table() {
  Process fake({.program = FakePath(), .arguments = {"--list-faults"}});
  EXPECT_EQ(fake.Wait(), Ended::WithCode(0)) << fake.Stderr();
  return fake.Stdout();
}

TEST(FaultTableTest, HasEveryFaultWithWordsAndEveryAttribute) {
  const std::string table = Table();
  const auto* kinds = v1::Fault::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < kinds->field_count(); ++i) {
    const auto* kind = kinds->field(i);
    EXPECT_THAT(table, HasSubstr("\n| **`" + kind->name() + "`** | | | | | ")) << kind->name();
    EXPECT_EQ(table.find("\n| **`" + kind->name() + "`** | | | | |  Presets"), table.npos)
        << kind->name() << " has no comment in the schema";
    const std::string words = table.substr(table.find("| **`" + kind->name() + "`**"));
    EXPECT_THAT(words.substr(0, words.find('\n')), testing::ContainsRegex("[Ff]ires|[Oo]ccasion"))
        << kind->name() << " does not say when it fires";
    for (int j = 0; j < kind->message_type()->field_count(); ++j) {
      EXPECT_THAT(table, HasSubstr("\n| `" + kind->name() + "` | `" +
                                   kind->message_type()->field(j)->name() + "` | "));
    }
  }
}

/// The text of a checked-in file; `name` is relative to fakes/.
std::string Checked(const std::string& name) {
  std::stringstream text;
  text << std::ifstream(ZLAYER_FAKES_DIR "/" + name).rdbuf();
  return text.str();
}

TEST(FaultTableTest, ReadmeNamesEveryFault) {
  const std::string readme = Checked("README.md");
  const auto* kinds = v1::Fault::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < kinds->field_count(); ++i) {
    EXPECT_THAT(readme, HasSubstr("`" + kinds->field(i)->name() + "`"));
  }
}

TEST(FaultTableTest, AValueHasItsOwnWords) {
  EXPECT_THAT(Table(), HasSubstr("| refused | MISSING: trailers without grpc-status: a proxy"));
}

TEST(FaultTableTest, SaysUnitsAndDefaults) {
  const std::string table = Table();
  EXPECT_THAT(table, HasSubstr("| `clock` | `offset_secs` | sint64 | | refused | not 0; a neg"));
  EXPECT_THAT(table, HasSubstr("| `fill_disk` | `mib` | uint32 | | refused | above 0, at most"));
  EXPECT_THAT(table, HasSubstr("| `when` | `launches` | uint32 | | all | in how many launches"));
  EXPECT_THAT(table, HasSubstr("| `flood` | `bytes` | uint64 | bytes | 1 MiB | |"));
  EXPECT_THAT(table, HasSubstr("| `slicer` | `delay_us` | uint32 | us | 0 | between slices |"));
  // This attribute's comment stands on a line of its own.
  EXPECT_THAT(table,
              HasSubstr("| `timeout` | `timeout_ms` | uint32 | ms | it stays open | from the "
                        "first byte that is dropped until the connection is closed |"));
  EXPECT_THAT(table, HasSubstr("| `latency` | `latency_ms` | uint32 | ms | refused | above 0 |"));
  EXPECT_THAT(
      table,
      HasSubstr("| `hang` | `phase` | START, BOUND, LINE, SERVING | | START | START: flags"));
}

/// The number with a comma between thousands, as the comments write it: 1,000.
std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

TEST(FaultTableTest, NumbersOfTheSchemaAreThoseOfTheCode) {
  const std::string table = Table();
  for (const char* kind : {"http2_settings", "http2_ping", "http2_header_block"}) {
    EXPECT_THAT(table, HasSubstr(std::string("| `") + kind + "` | `count` | uint32 | | " +
                                 Grouped(kDefaultFrameCount) + " |"));
  }
  EXPECT_THAT(table, HasSubstr("| `flood` | `bytes` | uint64 | bytes | " +
                               Grouped(kDefaultFloodBytes >> 20) + " MiB |"));
  EXPECT_THAT(table, HasSubstr("| `health` | `period_ms` | uint32 | ms | " +
                               Grouped(kDefaultFlapPeriodMs) + " |"));
  EXPECT_THAT(table, HasSubstr("| `grpc_metadata` | `bytes` | uint32 | bytes | " +
                               Grouped(kDefaultMetadataBytes) + " |"));
  EXPECT_THAT(table, HasSubstr("| `storage_fails` | `error` | string | | \"" +
                               std::string(kDefaultStorageError) + "\" |"));
  EXPECT_THAT(table, HasSubstr("| `grpc_status` | `value` | string | | \"" +
                               std::string(kDefaultGrpcStatus) + "\" |"));
}

TEST(FaultTableTest, NumbersOfThePlanAreThoseOfTheCode) {
  const std::string schema = Checked("../proto/fault_plan.proto");
  EXPECT_THAT(schema, HasSubstr(Grouped(kDefaultLifetimeMs) + ".\n  uint32 lifetime_ms = 2;"));
  EXPECT_THAT(schema,
              HasSubstr("0: " + Grouped(kDefaultMemoryMib) + ".\n  uint32 memory_mib = 6;"));
  EXPECT_THAT(schema, HasSubstr(Grouped(kLeastMemoryMib) + " to " + Grouped(kGreatestMemoryMib)));
}

TEST(FaultTableTest, CheckedInOneIsInStep) {
  EXPECT_TRUE(Checked("FAULTS.md") == Table())
      << "fakes/FAULTS.md is out of step with proto/fault_plan.proto or fakes/plans; renew it:\n"
      << "  " << FakePath() << " --list-faults > fakes/FAULTS.md";
}

}  // namespace
}  // namespace zlayer::fakes::daemon
