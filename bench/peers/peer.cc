#include "peers/peer.h"

#include <map>
#include <utility>

namespace zlayer::bench {
namespace {

/// A local static: registrations of other files may come before this file's own statics.
std::map<std::string, MakePeer>& Registry() {
  static std::map<std::string, MakePeer> registry;
  return registry;
}

}  // namespace

void RegisterPeer(std::string name, MakePeer make) { Registry()[std::move(name)] = make; }

MakePeer FindPeer(const std::string& name) {
  const auto found = Registry().find(name);
  return found == Registry().end() ? nullptr : found->second;
}

}  // namespace zlayer::bench
