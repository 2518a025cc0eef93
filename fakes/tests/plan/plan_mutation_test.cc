// Randomly mutated presets, as text and as JSON. The parser and the check must answer each mutation
// in one of two ways: with a plan that stays the same when it is printed and read again, or with an
// error of one line.

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "fakes/src/base/random.h"
#include "fakes/src/plan/plan_check.h"
#include "proto/message_file.h"

namespace zlayer::fakes::daemon {
namespace {

using ::testing::StartsWith;

constexpr std::uint64_t kSeed = 20'240'229;
constexpr int kPlans = 30'000;  // for each format; takes about a second

/// The presets' text, sorted by name: the order of a directory listing is not fixed, and a seed
/// must repeat the same mutations.
std::vector<std::string> Corpus() {
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(ZLAYER_FAKES_DIR "/plans")) {
    files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus;
  for (const auto& file : files) corpus.push_back(ReadFile(file).value());
  return corpus;
}

std::vector<std::string> AsJson(const std::vector<std::string>& corpus) {
  std::vector<std::string> json;
  for (const std::string& text : corpus) {
    const auto plan = ParseMessage<v1::FaultPlan>("corpus", text);
    EXPECT_TRUE(plan) << plan.error();
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(*plan, &json.emplace_back()).ok());
  }
  return json;
}

class Mutator {
 public:
  Mutator(std::vector<std::string> corpus, std::uint64_t seed)
      : corpus_(std::move(corpus)), random_(seed) {}

  std::string Next() {
    std::string plan = Any();
    for (std::uint64_t changes = 1 + Below(4); changes > 0; --changes) Change(plan);
    return plan;
  }

 private:
  std::uint64_t Below(std::uint64_t bound) { return bound == 0 ? 0 : random_.Next() % bound; }
  const std::string& Any() { return corpus_[Below(corpus_.size())]; }

  std::string Slice(const std::string& text) {
    const std::uint64_t begin = Below(text.size());
    return text.substr(begin, 1 + Below(40));
  }

  void Change(std::string& plan) {
    static const std::vector<std::string> kWords = {
        "{",      "}",    "[",         "]",     "\"",  "\\",   ",",
        ":",      "-1",   "0",         "1e999", "nan", "-inf", "18446744073709551616",
        "true",   "null", "fault",     "when",  "\n",  "#",    "\xff\xfe",
        "{\"a\"", "'",    "[a.b/c.D]", "<",     ">",   "0x",   std::string(1, '\0')};
    const std::uint64_t at = Below(plan.size() + 1);
    switch (Below(5)) {
      case 0:
        if (at < plan.size()) plan[at] = static_cast<char>(Below(256));
        break;
      case 1:
        plan.erase(at, 1 + Below(20));
        break;
      case 2:
        plan.insert(at, Slice(Any()));
        break;
      case 3:
        plan.insert(at, kWords[Below(kWords.size())]);
        break;
      default: {
        const std::string& other = Any();
        plan = plan.substr(0, at) + other.substr(Below(other.size()));
      }
    }
  }

  std::vector<std::string> corpus_;
  Random random_;
};

/// The error that the author of the plan would read; empty if the plan is good.
std::string Judge(const std::string& text, v1::FaultPlan& plan) {
  auto parsed = ParseMessage<v1::FaultPlan>("plan", text);
  if (!parsed) return parsed.error();
  plan = *parsed;
  const auto fires = CheckPlan("plan", text, plan);
  return fires ? "" : fires.error().message;
}

void ExpectSameWhenPrinted(const v1::FaultPlan& plan) {
  std::string text;
  v1::FaultPlan again;
  ASSERT_TRUE(google::protobuf::TextFormat::PrintToString(plan, &text));
  EXPECT_EQ(Judge(text, again), "") << text;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(plan, again)) << text;
}

void JudgeMutations(std::vector<std::string> corpus) {
  std::cout << "seed " << kSeed << '\n';
  Mutator mutator(std::move(corpus), kSeed);
  int good = 0;
  for (int i = 0; i < kPlans && !testing::Test::HasFailure(); ++i) {
    const std::string text = mutator.Next();
    v1::FaultPlan plan;
    const std::string error = Judge(text, plan);
    SCOPED_TRACE("plan " + std::to_string(i) + ": " + testing::PrintToString(text));
    if (error.empty()) {
      ++good;
      ExpectSameWhenPrinted(plan);
      continue;
    }
    EXPECT_THAT(error, StartsWith("plan:"));
    EXPECT_EQ(error.find_first_of("\r\n"), error.npos) << error;
  }
  // Otherwise the mutations were too weak or too strong, and tested only one of the two answers.
  EXPECT_GT(good, 0);
  EXPECT_LT(good, kPlans);
}

TEST(PlanMutationTest, TextIsAPlanOrOneLine) { JudgeMutations(Corpus()); }

TEST(PlanMutationTest, JsonIsAPlanOrOneLine) { JudgeMutations(AsJson(Corpus())); }

TEST(PlanMutationTest, DepthHasAnEnd) {
  for (const std::string open : {"{", "{\"fault\":[", "fault {", "build { event { unknown {"}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += open;
    v1::FaultPlan plan;
    EXPECT_THAT(Judge(text, plan), StartsWith("plan:")) << open;
  }
}

}  // namespace
}  // namespace zlayer::fakes::daemon
