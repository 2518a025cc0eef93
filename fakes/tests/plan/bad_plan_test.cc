// A plan that is wrong, or whose fault can never fire, is refused: exit status 2, nothing on
// stdout, and one line on stderr that says what is wrong and what would be right. `--check` and a
// start give the same answer.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

struct BadPlan {
  const char* plan;
  std::string error;  // the rest of the line, after the file's name
};

std::string Joined(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ", ") + name;
  return joined;
}

/// All faults in alphabetical order, as the error lists them.
std::string FaultNames() {
  std::vector<std::string> names;
  const auto* kinds = v1::Fault::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < kinds->field_count(); ++i) names.push_back(kinds->field(i)->name());
  std::sort(names.begin(), names.end());
  return Joined(names);
}

/// All defects in the order of the schema, as the error lists them.
std::string DefectNames() {
  std::vector<std::string> names;
  const auto* defects = v1::TlsCertificate::Defect_descriptor();
  for (int i = 1; i < defects->value_count(); ++i) names.push_back(defects->value(i)->name());
  return Joined(names);
}

const BadPlan kBadPlans[] = {
    {"fault { hangg {} }", ":1: unknown field \"hangg\" in Fault; did you mean \"hang\"?"},
    {"{\"fault\": [{\"hangg\": {}}]}",
     ": unknown field \"hangg\" in Fault; did you mean \"hang\"?"},
    {"fault { hang { phase: BUOND } }",
     ":1: unknown value \"BUOND\" for field \"phase\"; did you mean \"BOUND\"?"},
    {"fault { hang { phase: 15 } }",
     ":1: fault[0].hang.phase: unknown value 15; valid: START, BOUND, LINE, SERVING"},
    {"{\"fault\": [{\"hang\": {\"phase\": -1}}]}",
     ": fault[0].hang.phase: unknown value -1; valid: START, BOUND, LINE, SERVING"},
    {"\n", ": is empty; the honest daemon is the preset \"honest\""},
    {"{}", ": is empty; the honest daemon is the preset \"honest\""},
    {"# nothing\n", ": is empty; the honest daemon is the preset \"honest\""},
    {"fault {}", ":1: fault[0]: no fault is set; valid: " + FaultNames()},
    {"why: \"x\"\nfault { exit { code: 256 } }", ":2: fault[0].exit.code: must be 0 to 255"},
    {"{\"fault\": [{\"exit\": {\"code\": 256}}]}", ": fault[0].exit.code: must be 0 to 255"},
    {"fault { exit { code: 1 signal: 9 } }",
     ":1: fault[0].exit.signal: cannot be set together with code"},
    {"fault { exit { signal: 65 } }",
     ":1: fault[0].exit.signal: must be a signal's number, 1 to 64"},
    {"fault { exit { signal: 19 } }",
     ":1: fault[0].exit.signal: stops a process and does not end it"},
    {"fault { exit { signal: 17 } }", ":1: fault[0].exit.signal: does not end a process"},
    {"fault { flood { stream: STDOUT phase: BOUND } }",
     ":1: fault[0].flood.phase: must be LINE or SERVING for STDOUT; bytes before the line are "
     "handshake_bytes"},
    {"fault { handshake_bytes { repeat: 2 } }",
     ":1: fault[0].handshake_bytes.repeat: has no bytes to repeat"},
    {"fault { handshake_bytes { drip_ms: 2 } }",
     ":1: fault[0].handshake_bytes.drip_ms: has no bytes to drip"},
    {"fault { handshake_bytes { text: \"a\" } }\nfault { handshake_bytes { text: \"b\" } }",
     ":2: fault[1].handshake_bytes: cannot fire together with fault[0].handshake_bytes"},
    {"fault { tls_off {} }\nfault { tls_certificate { defect: EXPIRED } }",
     ":2: fault[1].tls_certificate: cannot fire together with fault[0].tls_off"},
    {"fault { tls_client_certificate { how: NOT_ASKED } }\nfault { tls_off {} }",
     ":1: fault[0].tls_client_certificate: cannot fire together with fault[1].tls_off"},
    {"fault { tls_off {} }\nfault { clock { offset_secs: 1 } }",
     ":2: fault[1].clock: cannot fire together with fault[0].tls_off"},
    {"fault { tls_off {} }\nfault { tls_offer { alpn: NONE } }",
     ":2: fault[1].tls_offer: cannot fire together with fault[0].tls_off"},
    {"fault { tls_off {} }\nfault { tls_handshake { how: CLOSE } }",
     ":2: fault[1].tls_handshake: cannot fire together with fault[0].tls_off"},
    {"fault { tls_off {} }\nfault { tls_opening { how: CLOSE } }",
     ":2: fault[1].tls_opening: cannot fire together with fault[0].tls_off"},
    {"fault { tls_off {} }\nfault { tls_refuse_client { reason: SILENT } }",
     ":2: fault[1].tls_refuse_client: cannot fire together with fault[0].tls_off"},
    {"fault { tls_off {} }\nfault { when { times: 1 } tls_off {} }",
     ":2: fault[1].tls_off: cannot fire together with fault[0].tls_off"},
    {"fault { tls_refuse_client { reason: SILENT } }\nfault { tls_client_certificate { how: "
     "NOT_ASKED } }",
     ":1: fault[0].tls_refuse_client: cannot fire together with fault[1].tls_client_certificate"},
    {"fault { tls_client_certificate { how: NOT_VERIFIED } }\nfault { clock { offset_secs: 1 } }",
     ":2: fault[1].clock: cannot fire together with fault[0].tls_client_certificate"},
    {"fault { tls_opening { how: CLOSE } }\nfault { tls_certificate { defect: EXPIRED } }",
     ":2: fault[1].tls_certificate: cannot fire together with fault[0].tls_opening"},
    {"fault { tls_refuse_client { reason: SILENT } }\nfault { tls_handshake { at: FINISHED how: "
     "CLOSE } }",
     ":1: fault[0].tls_refuse_client: cannot fire together with fault[1].tls_handshake"},
    {"fault { tls_certificate {} }",
     ":1: fault[0].tls_certificate.defect: is not set; valid: " + DefectNames()},
    {"fault { tls_refuse_client {} }",
     ":1: fault[0].tls_refuse_client.reason: is not set; valid: EXPIRED, UNKNOWN_CA, REVOKED, "
     "BAD_PURPOSE, REJECTED, SILENT"},
    {"fault { hang {} }\nfault { flood { phase: LINE } }",
     ":2: fault[1].flood: cannot fire: fault[0].hang ends the start before it"},
    {"fault { flood { phase: LINE } }\nfault { hang { phase: BOUND } }",
     ":1: fault[0].flood: cannot fire: fault[1].hang ends the start before it"},
    {"fault { hang { phase: LINE } }\nfault { tls_off {} }",
     ":2: fault[1].tls_off: cannot fire: fault[0].hang ends the start before it"},
    {"fault { handshake_bytes { text: \"x\" then: STALL } }\nfault { hang { phase: LINE } }",
     ":2: fault[1].hang: cannot fire: fault[0].handshake_bytes ends the start before it"},
    {"fault { hang { phase: BOUND } }\nfault { handshake_bytes { text: \"x\" } }",
     ":2: fault[1].handshake_bytes: cannot fire: fault[0].hang ends the start before it"},
    {"fault { exit { code: 1 } }\nfault { exit { code: 2 } }",
     ":2: fault[1].exit: cannot fire: fault[0].exit ends the start before it"},
    {"fault { exit { code: 1 } }\nfault { ignore_signals {} }",
     ":2: fault[1].ignore_signals: cannot fire: fault[0].exit ends the start before it"},
    {"build {}", ":1: build[0]: none of event, hold, raw, log_bytes and commit is set"},
    {"build { raw: \"\\012\\005x\" }", ":1: build[0].raw: is not an encoded protobuf message"},
    {"build { log_bytes: 67108865 }", ":1: build[0].log_bytes: must be at most 67108864"},
    {"build { hold: true repeat: 2 }", ":1: build[0].repeat: only an event can be repeated"},
    {"build { commit: true repeat: 2 }", ":1: build[0].repeat: only an event can be repeated"},
    {"build { event { warning {} } unfinished: true }",
     ":1: build[0].unfinished: only a log event that is not repeated can be unfinished"},
    {"build { log_bytes: 9 repeat: 2 unfinished: true }",
     ":1: build[0].unfinished: only a log event that is not repeated can be unfinished"},
    {"fault { build_end {} }",
     ":1: fault[0].build_end.how: is not set; valid: MISSING, GOES_ON, TWICE, STATUS, LOG_AFTER"},
    {"fault { build_end { how: STATUS } }",
     ":1: fault[0].build_end.code: must be a gRPC status, 1 to 16"},
    {"fault { build_end { how: MISSING code: 2 } }",
     ":1: fault[0].build_end.code: only STATUS has a code and a message"},
    {"fault { build_crash { code: 1 signal: 9 } }",
     ":1: fault[0].build_crash.signal: cannot be set together with code"},
    {"fault { build_crash { signal: 19 } }",
     ":1: fault[0].build_crash.signal: stops a process and does not end it"},
    {"fault { build_crash { signal: 17 } }",
     ":1: fault[0].build_crash.signal: does not end a process"},
    {"fault { http2_settings {} }",
     ":1: fault[0].http2_settings.how: is not set; valid: MISSING, NEVER_ACKED, FLOOD"},
    {"fault { http2_settings { how: MISSING count: 1 } }",
     ":1: fault[0].http2_settings.count: only FLOOD has a count"},
    {"fault { http2_limit {} }",
     ":1: fault[0].http2_limit.zero: is not set; valid: WINDOW, STREAMS"},
    {"fault { http2_ping { how: FLOOD count: 1000001 } }",
     ":1: fault[0].http2_ping.count: must be at most 1000000"},
    {"fault { http2_goaway { last_stream_id: 2147483648 } }",
     ":1: fault[0].http2_goaway.last_stream_id: must be at most 2147483647"},
    {"fault { http2_goaway { after_streams: 1 after_ms: 1 } }",
     ":1: fault[0].http2_goaway.after_ms: cannot be set together with after_streams"},
    {"fault { http2_rst_stream { code: 2 } }",
     ":1: fault[0].http2_rst_stream.at: is not set; valid: AFTER_HEADERS, IN_DATA, AFTER_DATA"},
    {"fault { http2_frame { defect: PADDED stream_id: 1 } }",
     ":1: fault[0].http2_frame.stream_id: only WRONG_STREAM has a stream"},
    {"fault { http2_header_block { defect: SPLIT count: 1 } }",
     ":1: fault[0].http2_header_block.count: only CONTINUATION_FLOOD has a count"},
    {"fault { grpc_status { how: MISSING value: \"1\" } }",
     ":1: fault[0].grpc_status.value: only VALUE has a value"},
    {"fault { grpc_headers {} }",
     ":1: fault[0].grpc_headers.http_status: neither http_status nor content_type is set"},
    {"fault { grpc_headers { http_status: 200 } }",
     ":1: fault[0].grpc_headers.http_status: must be 201 to 599"},
    {"fault { grpc_headers { content_type: \"a\\n\" } }",
     ":1: fault[0].grpc_headers.content_type: must be printable ASCII"},
    {"fault { rpc {} }", ":1: fault[0].rpc.code: none of code, delay_ms and never_answered is set"},
    {"fault { rpc { method: \"Biuld\" code: 2 } }",
     ":1: fault[0].rpc.method: must be a method of BuildService, or Check or Watch of "
     "grpc.health.v1"},
    {"fault { rpc { never_answered: true delay_ms: 1 } }",
     ":1: fault[0].rpc.never_answered: cannot be set together with code or delay_ms"},
    {"fault { hang { phase: SERVING } }", ":1: fault[0].hang.phase: must be START, BOUND or LINE"},
    {"fault { grandchild { phase: SERVING } }",
     ":1: fault[0].grandchild.phase: must be START, BOUND or LINE"},
    {"fault { grandchild { respawn: 101 } }",
     ":1: fault[0].grandchild.respawn: must be at most 100"},
    {"fault { stop {} }", ":1: fault[0].stop.delay_ms: none of delay_ms, code and signal is set"},
    {"fault { stop { code: 256 } }", ":1: fault[0].stop.code: must be 0 to 255"},
    {"fault { hang { phase: LINE } }\nfault { stop { code: 1 } }",
     ":2: fault[1].stop: cannot fire: fault[0].hang ends the start before it"},
    {"fault { exit {} }\nfault { exit { phase: SERVING } }",
     ":2: fault[1].exit: cannot fire: fault[0].exit ends the start before it"},
    {"fault { stop_self {} }\nfault { ignore_signals {} }",
     ":2: fault[1].ignore_signals: cannot fire together with fault[0].stop_self"},
    {"fault { handshake_bytes { on_stderr: true } }",
     ":1: fault[0].handshake_bytes.on_stderr: has no bytes to write"},
    {"fault { delay {} }", ":1: fault[0].delay.ms: must be above 0"},
    {"fault { delay { phase: SERVING ms: 1 } }",
     ":1: fault[0].delay.phase: must be START, BOUND or LINE"},
    {"fault { pause {} }", ":1: fault[0].pause.ms: must be above 0"},
    {"fault { version_output { hang: true code: 1 } }",
     ":1: fault[0].version_output.code: cannot be set together with hang"},
    {"fault { re_exec {} }", ":1: fault[0].re_exec.how: is not set; valid: EXEC, FORK"},
    {"fault { re_exec { how: EXEC orphan: true } }",
     ":1: fault[0].re_exec.orphan: only FORK has a launcher that can end first"},
    {"fault { health {} }", ":1: fault[0].health.how: is not set; valid: NOT_SERVING, FLAPPING"},
    {"fault { health { how: NOT_SERVING period_ms: 1 } }",
     ":1: fault[0].health.period_ms: only FLAPPING has a period"},
    {"fault { leak_fds {} }", ":1: fault[0].leak_fds.count: must be 1 to 65536"},
    {"fault { leak_fds { count: 1 limit: 31 } }",
     ":1: fault[0].leak_fds.limit: must be 32 to 65536"},
    {"fault { take_memory {} }", ":1: fault[0].take_memory.mib: must be above 0"},
    {"fault { take_memory { mib: 193 } }",
     ": memory_mib: must be at least 257 for what take_memory takes"},
    {"memory_mib: 63", ": memory_mib: must be 64 to 4096"},
    {"fault { burn_cpu { threads: 17 } }", ":1: fault[0].burn_cpu.threads: must be at most 16"},
    {"fault { fill_disk { mib: 1025 } }", ":1: fault[0].fill_disk.mib: must be 1 to 1024"},
    {"upstream {}", ": upstream.path: is not set"},
    {"upstream { path: \"zlayer-buildd\" }",
     ": upstream.path: must have a slash, such as ./zlayer-buildd; $PATH is not searched"},
    {"upstream { path: \"/a\\000b\" }", ": upstream.path: must not have a NUL byte"},
    {"upstream { path: \"/a\" }\nbuild { hold: true }",
     ": build[0]: cannot fire: it acts inside the fake's own service, and upstream takes its "
     "place"},
    {"upstream { path: \"/a\" }\nfault { health { how: FLAPPING } }",
     ":2: fault[0].health: cannot fire: it acts inside the fake's own service, and upstream takes "
     "its place"},
    {"fault { build_crash { code: 1 } }\nupstream { path: \"/a\" }",
     ":1: fault[0].build_crash: cannot fire: it acts inside the fake's own service, and upstream "
     "takes its place"},
    {"fault { clock {} }", ":1: fault[0].clock.offset_secs: must not be 0"},
    {"fault { clock { offset_secs: -3153600001 } }",
     ":1: fault[0].clock.offset_secs: must be at most 3153600000, which are 100 years, in either "
     "direction"},
    {"fault { grpc_message {} }",
     ":1: fault[0].grpc_message.defect: is not set; valid: COMPRESSED, BAD_FLAG, TOO_LONG, HUGE"},
};

/// Faults that no client could meet: by their own `when`, or by another fault of the plan.
const BadPlan kNeverFires[] = {
    {"fault { when { skip: 1 } hang {} }",
     ":1: fault[0].when.skip: cannot fire: a process has one such occasion"},
    {"fault { when { skip: 1 } exit { phase: SERVING } }",
     ":1: fault[0].when.skip: cannot fire: a process has one such occasion"},
    {"fault { when { skip: 1 } handshake_bytes { text: \"x\" } }",
     ":1: fault[0].when.skip: cannot fire: a process has one such occasion"},
    {"fault { when { skip: 1 } stop { code: 1 } }",
     ":1: fault[0].when.skip: cannot fire: a process has one such occasion"},
    {"fault { when { skip: 1 } burn_cpu {} }",
     ":1: fault[0].when.skip: cannot fire: a process has one such occasion"},
    {"fault { when { skip: 1 } health { how: NOT_SERVING } }",
     ":1: fault[0].when.skip: cannot fire: a process has one such occasion"},
    {"fault { when { skip: 1 } version_output {} }",
     ":1: fault[0].when.skip: cannot fire: a process has one such occasion"},
    {"fault { when { launches: 1 } version_output {} }",
     ":1: fault[0].when.launches: cannot fire: a run with --version is not a launch"},
    {"fault { when { from_launch: 2 } version_output {} }",
     ":1: fault[0].when.from_launch: cannot fire: a run with --version is not a launch"},
    {"fault { when { after_ms: 1 } version_output {} }",
     ":1: fault[0].when.after_ms: cannot fire: no fault makes the start wait before it"},
    {"fault { when { after_ms: 1 } hang { phase: LINE } }",
     ":1: fault[0].when.after_ms: cannot fire: no fault makes the start wait before it"},
    {"fault { when { after_ms: 1 } hang {} }\nfault { delay { ms: 9 } }",
     ":1: fault[0].when.after_ms: cannot fire: no fault makes the start wait before it"},
    {"fault { when { after_ms: 60000 } tls_off {} }",
     ":1: fault[0].when.after_ms: cannot fire: the lifetime of 60000 ms is over before it"},
    {"lifetime_ms: 500 fault { exit { phase: SERVING delay_ms: 500 } }",
     ":1: fault[0].exit: cannot fire: the lifetime of 500 ms is over before it"},
    {"fault { http2_goaway { after_ms: 60000 } }",
     ":1: fault[0].http2_goaway: cannot fire: the lifetime of 60000 ms is over before it"},
    {"fault { build_crash { delay_ms: 60000 } }",
     ":1: fault[0].build_crash: cannot fire: the lifetime of 60000 ms is over before it"},
    {"fault { when { after_rpcs: 1 } hang { phase: LINE } }",
     ":1: fault[0].when.after_rpcs: cannot fire: no RPC is answered before the daemon serves"},
    {"fault { when { after_rpcs: 1 } down {} }\nfault { tls_opening { how: CLOSE } }",
     ":1: fault[0].down: cannot fire together with fault[1].tls_opening"},
    {"fault { delay { ms: 1 } }\nfault { when { after_signal: 15 } hang {} }",
     ":2: fault[1].when.after_signal: cannot fire: the start neither waits for a signal nor "
     "survives it"},
    {"fault { when { after_signal: 1 } tls_off {} }",
     ":1: fault[0].when.after_signal: must be 15 (SIGTERM) or 2 (SIGINT)"},
    {"fault { when { after_fault: \"tls_of\" } down {} }",
     ":1: fault[0].when.after_fault: unknown fault \"tls_of\"; did you mean \"tls_off\"?"},
    {"fault { when { after_fault: \"down\" } down {} }",
     ":1: fault[0].when.after_fault: the plan has no other fault \"down\""},
    {"fault { when { after_fault: \"exit\" } down {} }\nfault { exit { phase: SERVING } }",
     ":1: fault[0].when.after_fault: cannot fire: fault[1].exit does not fire before it"},
    {"fault { when { after_fault: \"tls_off\" } hang {} }\nfault { tls_off {} }",
     ":1: fault[0].when.after_fault: cannot fire: fault[1].tls_off does not fire before it"},
    {"fault { when { after_fault: \"down\" } tls_off {} }\n"
     "fault { when { after_fault: \"tls_off\" } down {} }",
     ":1: fault[0].when.after_fault: cannot fire: fault[1].down does not fire before it"},
    {"fault { when { times: 1 } hang {} }\nfault { when { after_fault: \"hang\" } tls_off {} }",
     ":2: fault[1].when.after_fault: cannot fire: fault[0].hang does not fire before it"},
    {"fault { ignore_signals {} }\nfault { stop { code: 1 } }",
     ":2: fault[1].stop: cannot fire together with fault[0].ignore_signals"},
    {"fault { reset_after {} }\nfault { latency { latency_ms: 1 } }",
     ":2: fault[1].latency: cannot fire together with fault[0].reset_after"},
    {"fault { limit_data {} }\nfault { tls_certificate { defect: EXPIRED } }",
     ":2: fault[1].tls_certificate: cannot fire together with fault[0].limit_data"},
    {"fault { timeout {} }\nfault { rpc { code: 2 } }",
     ":2: fault[1].rpc: cannot fire together with fault[0].timeout"},
    {"fault { tls_opening { how: HTTP_1 } }\nfault { grpc_status { how: MISSING } }",
     ":2: fault[1].grpc_status: cannot fire together with fault[0].tls_opening"},
    {"fault { tls_handshake { at: FINISHED how: TRUNCATE } }\nfault { http2_ping { how: FLOOD } }",
     ":2: fault[1].http2_ping: cannot fire together with fault[0].tls_handshake"},
    {"fault { tls_handshake { how: FLIP } }\nfault { tls_certificate { defect: EXPIRED } }",
     ":2: fault[1].tls_certificate: cannot fire together with fault[0].tls_handshake"},
    {"fault { tls_refuse_client { reason: REVOKED } }\nfault { clock { offset_secs: 9 } }",
     ":2: fault[1].clock: cannot fire together with fault[0].tls_refuse_client"},
    {"fault { tls_refuse_client { reason: REVOKED } }\nfault { build_crash {} }",
     ":2: fault[1].build_crash: cannot fire together with fault[0].tls_refuse_client"},
    {"build { hold: true }\nfault { build_end { how: MISSING } }",
     ":2: fault[0].build_end: cannot fire: build[0] holds the stream before it"},
    {"build { event { log {} } }\nbuild { hold: true }\nfault { build_crash { after_events: 2 } }",
     ":3: fault[0].build_crash: cannot fire: build[1] holds the stream before it"},
};

std::vector<BadPlan> AllBadPlans() {
  std::vector<BadPlan> all(std::begin(kBadPlans), std::end(kBadPlans));
  all.insert(all.end(), std::begin(kNeverFires), std::end(kNeverFires));
  return all;
}

TEST(BadPlanTest, IsOneLineAndStatus2ForCheckAndStart) {
  for (const BadPlan& bad : AllBadPlans()) {
    Fake fake({.plan = bad.plan});
    const std::string path = fake.directory() / "plan.txtpb";
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2)) << bad.plan;
    EXPECT_EQ(fake.process().Stdout(), "");
    EXPECT_EQ(fake.process().Stderr(),
              "fake-zlayer-buildd: ZLAYER_FAKE_PLAN: " + path + bad.error + "\n");
    Process check({.program = FakePath(), .arguments = {"--check", path}});
    EXPECT_EQ(check.Wait(), Ended::WithCode(2));
    EXPECT_EQ(check.Stderr(), "fake-zlayer-buildd: " + path + bad.error + "\n");
  }
}

const char* const kGoodPlans[] = {
    "why: \"honest\"",
    "{\"fault\": [{\"exit\": {\"code\": 3}}]}",
    "fault { flood {} } fault { grandchild {} } fault { hang {} }",
    "fault { exit { delay_ms: 100 } } fault { ignore_signals {} }",
    "fault { flood {} } fault { exit {} } fault { ignore_signals {} }",
    "fault { ignore_signals {} } fault { handshake_bytes { text: \"x\" then: STALL } }",
    "fault { flood { phase: LINE } } fault { hang { phase: LINE } }",
    "build { hold: true }",
    "fault { hang {} } fault { version_output { hang: true } }",
    "fault { flood { stream: STDOUT phase: SERVING } } fault { exit { phase: SERVING } }",
    "fault { hang {} } fault { stop_self {} }",
    "fault { when { times: 1 } tls_off {} } fault { clock { offset_secs: 1 } }",
    "fault { when { times: 1 } tls_client_certificate { how: NOT_ASKED } } "
    "fault { tls_refuse_client { reason: SILENT } }",
    "fault { tls_opening { how: BANNER } } fault { tls_certificate { defect: EXPIRED } }",
    "fault { tls_opening { how: CLOSE } }",
    "upstream { path: \"./a\" } fault { rpc { code: 1 } } fault { http2_ping { how: FLOOD } }",
    "memory_mib: 257 fault { take_memory { mib: 193 } }",
    "build { log_bytes: 2 repeat: 2 } build { raw: \"\" repeat: 2 }",
    "fault { down {} } fault { exit { phase: SERVING delay_ms: 1 } } fault { stop { code: 1 } }",
    "fault { when { skip: 1 } down {} } fault { when { skip: 1 } ignore_signals {} }",
    "fault { delay { ms: 9 } } fault { when { after_ms: 5 } hang {} }",
    "fault { when { after_ms: 50 } exit { phase: SERVING } }",
    "fault { when { after_rpcs: 1 } tls_off {} }",
    "fault { when { times: 1 } down {} } fault { when { after_fault: \"down\" } down {} }",
    "fault { hang {} } fault { when { after_fault: \"hang\" } ignore_signals {} }",
    "fault { delay { ms: 9 } } fault { when { times: 1 } ignore_signals {} } "
    "fault { when { after_signal: 15 } hang {} }",
    "fault { ignore_signals {} } fault { when { after_signal: 2 } exit { phase: SERVING } }",
    "build { event { log {} } } build { hold: true } fault { build_crash { after_events: 1 } }",
    "fault { tls_handshake { at: CERTIFICATE how: CLOSE_AFTER } } "
    "fault { tls_certificate { defect: EXPIRED } }",
};

TEST(GoodPlanTest, PassesCheck) {
  TemporaryDirectory directory;
  for (const char* good : kGoodPlans) {
    std::ofstream(directory / "plan") << good;
    Process check({.program = FakePath(), .arguments = {"--check", directory / "plan"}});
    EXPECT_EQ(check.Wait(), Ended::WithCode(0)) << good << check.Stderr();
    EXPECT_EQ(check.Stderr() + check.Stdout(), "");
  }
}

TEST(BadPlanTest, ExpiredWithoutTheCasKeyNamesTheFile) {
  Fake minted;
  std::filesystem::remove(minted.tls("ca-key.pem"));
  Process fake(
      {.program = FakePath(),
       .arguments = {"--tls-ca", minted.tls("ca.pem"), "--tls-cert", "x", "--tls-key", "x"},
       .environment = {{"ZLAYER_FAKE_PLAN", "tls-expired"}}});
  EXPECT_EQ(fake.Wait(), Ended::WithCode(2));
  EXPECT_EQ(fake.Stdout(), "");
  EXPECT_EQ(fake.Stderr(),
            "fake-zlayer-buildd: preset tls-expired: fault[0].tls_certificate: "
            "EXPIRED needs " +
                minted.tls("ca-key.pem") + ": No such file or directory; --mint-tls makes it\n");
}

}  // namespace
}  // namespace zlayer::fakes
