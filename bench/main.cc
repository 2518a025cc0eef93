// As benchmark_main, but a benchmark that could not run makes the exit status 1, and the context
// has the processors that this process may use: num_cpus counts the machine's.

#include <benchmark/benchmark.h>
#include <sched.h>

#include <memory>
#include <string>
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

/// Where the system does not tell, nothing is added.
void AddProcessors() {
  cpu_set_t usable;
  if (::sched_getaffinity(0, sizeof usable, &usable) != 0) return;
  benchmark::AddCustomContext("processors", std::to_string(CPU_COUNT(&usable)));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  AddProcessors();
  ErrorWitness witness;
  const size_t ran = benchmark::RunSpecifiedBenchmarks(&witness);
  benchmark::Shutdown();
  return witness.failed() || ran == 0 ? 1 : 0;
}
