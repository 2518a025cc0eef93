// As benchmark_main, but a benchmark that could not run makes the exit status 1.

#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

namespace {

/// Passes everything on to the reporter that the flags chose, and remembers errors.
class ErrorWitness : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override { return chosen_->ReportContext(context); }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) failed_ = failed_ || run.error_occurred;
    chosen_->ReportRuns(runs);
  }
  void Finalize() override { chosen_->Finalize(); }

  bool failed() const { return failed_; }

 private:
  const std::unique_ptr<BenchmarkReporter> chosen_{benchmark::CreateDefaultDisplayReporter()};
  bool failed_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  ErrorWitness witness;
  const size_t ran = benchmark::RunSpecifiedBenchmarks(&witness);
  benchmark::Shutdown();
  return witness.failed() || ran == 0 ? 1 : 0;
}
