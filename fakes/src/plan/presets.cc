#include "fakes/src/plan/presets.h"

#include "preset_plans.h"
#include "proto/message_file.h"

namespace zlayer::fakes::daemon {

std::vector<std::string> PresetNames() {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : PresetPlans()) names.emplace_back(file.stem);
  return names;
}

Result<std::string_view> PresetText(const std::string& name) {
  for (const EmbeddedFile& file : PresetPlans()) {
    if (file.stem == name) return file.text;
  }
  const std::string nearest = NearestName(name, PresetNames());
  return BadInput("unknown preset \"" + name + "\"" +
                  (nearest.empty() ? "; --list-plans prints the valid ones"
                                   : "; did you mean \"" + nearest + "\"?"));
}

}  // namespace zlayer::fakes::daemon
