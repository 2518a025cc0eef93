// FAULTS.md is what the schema says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "fakes/tests/fake.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {
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
    for (int j = 0; j < kind->message_type()->field_count(); ++j) {
      EXPECT_THAT(table, HasSubstr("\n| `" + kind->name() + "` | `" +
                                   kind->message_type()->field(j)->name() + "` | "));
    }
  }
}

TEST(FaultTableTest, SaysUnitsAndDefaults) {
  const std::string table = Table();
  EXPECT_THAT(table, HasSubstr("| `flood` | `bytes` | uint64 | bytes | 1 MiB | |"));
  EXPECT_THAT(table, HasSubstr("| `slicer` | `delay_us` | uint32 | us | 0 | between slices |"));
  // A comment of two lines behind its attribute.
  EXPECT_THAT(table,
              HasSubstr("| `timeout` | `timeout_ms` | uint32 | ms | it stays open | from the "
                        "first byte that is dropped until the connection is closed |"));
  EXPECT_THAT(table, HasSubstr("| `latency` | `latency_ms` | uint32 | ms | refused | above 0 |"));
  EXPECT_THAT(
      table,
      HasSubstr("| `hang` | `phase` | START, BOUND, LINE, SERVING | | START | START: flags"));
}

TEST(FaultTableTest, CheckedInOneIsInStep) {
  std::stringstream checked_in;
  checked_in << std::ifstream(ZLAYER_FAKES_DIR "/FAULTS.md").rdbuf();
  EXPECT_TRUE(checked_in.str() == Table())
      << "fakes/FAULTS.md is out of step with proto/fault_plan.proto or fakes/plans; renew it:\n"
      << "  " << FakePath() << " --list-faults > fakes/FAULTS.md";
}

}  // namespace
}  // namespace zlayer::fakes
