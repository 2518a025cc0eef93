#include "scenarios/runner/world/world_settings.h"

#include <cstdint>
#include <vector>

namespace zlayer::scenarios {
namespace {

std::string ValueOrDefault(const std::string& value, const std::string& fallback) {
  return value.empty() ? fallback : value;
}

std::string ValueOrDefault(bool set, std::int64_t value, std::int64_t fallback) {
  return std::to_string(set ? value : fallback);
}

/// The placeholders of the limits. A limit that the scenario does not set has the protocol's
/// default.
void SetLimits(const v1::ClientSettings& own, Placeholders* values) {
  values->Set("handshake_timeout_ms",
              ValueOrDefault(own.has_handshake_timeout_ms(), own.handshake_timeout_ms(), 15'000));
  values->Set("connect_timeout_ms",
              ValueOrDefault(own.has_connect_timeout_ms(), own.connect_timeout_ms(), 10'000));
  values->Set("rpc_timeout_ms",
              ValueOrDefault(own.has_rpc_timeout_ms(), own.rpc_timeout_ms(), 600'000));
  values->Set("grace_ms", ValueOrDefault(own.has_grace_ms(), own.grace_ms(), 5'000));
}

}  // namespace

tl::expected<v1::ClientSettings, std::string> ExpandSettings(const v1::ClientSettings& settings,
                                                             const std::string& buildd,
                                                             Placeholders* placeholders) {
  v1::ClientSettings own = settings;
  const auto* reflection = v1::ClientSettings::GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> set;
  reflection->ListFields(own, &set);
  for (const auto* field : set) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) continue;
    auto expanded = placeholders->Expand(reflection->GetString(own, field));
    if (!expanded) return tl::unexpected(expanded.error());
    reflection->SetString(&own, field, *expanded);
  }
  if (own.has_addr()) placeholders->Set("addr", own.addr());
  placeholders->Set("tls_dir", ValueOrDefault(own.tls_dir(), buildd));
  placeholders->Set("graph_root",
                    ValueOrDefault(own.storage_graph_root(), buildd + "/storage/graph"));
  placeholders->Set("run_root", ValueOrDefault(own.storage_run_root(), buildd + "/storage/run"));
  SetLimits(own, placeholders);
  return own;
}

}  // namespace zlayer::scenarios
