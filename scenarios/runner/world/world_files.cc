#include "scenarios/runner/world/world_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "scenarios/runner/process/unique_fd.h"

namespace zlayer::scenarios {
namespace {

namespace fs = std::filesystem;
using Outcome = tl::expected<void, std::string>;

constexpr std::chrono::seconds kMintLimit{20};

Outcome Failure(const std::string& path, int error) {
  return tl::unexpected(fmt::format("{}: {}", path, std::strerror(error)));
}

Outcome Mint(const std::string& fake, const std::string& directory,
             const std::vector<std::string>& flags = {}) {
  std::vector<std::string> command{fake, "--mint-tls", directory};
  command.insert(command.end(), flags.begin(), flags.end());
  auto minting = ChildProcess::Start(command, {});
  if (!minting) return tl::unexpected(minting.error());
  const int status = minting->Wait(Deadline(kMintLimit));
  if (status == 0 && access((directory + "/ca.pem").c_str(), R_OK) == 0) return {};
  const std::string failed = fmt::format("{} --mint-tls {}: ", fake, directory);
  if (status < 0) {
    return tl::unexpected(fmt::format("{}it did not end in {} s", failed, kMintLimit.count()));
  }
  return tl::unexpected(fmt::format(
      "{}status {}{}; is it fake-zlayer-buildd? check --fake, or run this command to see why",
      failed, status, status == 0 ? ", but no ca.pem" : ""));
}

/// A set in which `file` ("/ca.pem" or "/key.pem") belongs to another set.
Outcome MintWithForeign(const std::string& file, const std::string& fake,
                        const std::string& directory) {
  const std::string other = directory + ".other";
  if (auto minted = Mint(fake, directory); !minted) return minted;
  if (auto minted = Mint(fake, other); !minted) return minted;
  if (rename((other + file).c_str(), (directory + file).c_str()) != 0) {
    return Failure(directory, errno);
  }
  std::error_code error;
  fs::remove_all(other, error);
  return {};
}

Outcome MintWithReadableKey(const std::string& fake, const std::string& directory) {
  if (auto minted = Mint(fake, directory); !minted) return minted;
  const std::string key = directory + "/key.pem";
  if (chmod(key.c_str(), 0644) != 0) return Failure(key, errno);
  return {};
}

Outcome Garbage(const std::string& directory) {
  if (auto made = MakeDirectory(directory); !made) return made;
  for (const char* name : {"/ca.pem", "/cert.pem", "/key.pem"}) {
    if (auto made = WriteFile(directory + name, "not a certificate\n", 0600); !made) return made;
  }
  return {};
}

Outcome Link(const std::string& target, const std::string& path) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (symlink(target.c_str(), path.c_str()) != 0) return Failure(path, errno);
  return {};
}

/// A script that runs the fake as its child and does not forward signals: the client's child is
/// then the shell and not the daemon.
std::string WrapperScript(const std::string& fake) {
  return fmt::format("#!/bin/sh\n'{}' \"$@\"\nexit $?\n", fake);
}

}  // namespace

Outcome MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0) return Failure(path, errno);
  return {};
}

Outcome WriteFile(const std::string& path, std::string_view content, mode_t mode) {
  std::error_code ignored;
  fs::create_directories(fs::path(path).parent_path(), ignored);
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file) return Failure(path, errno);
  if (write(file.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
    return Failure(path, errno);
  }
  return {};
}

Outcome PrepareTls(v1::World::Tls tls, const std::string& fake, const std::string& directory) {
  switch (tls) {
    case v1::World::MINTED:
      return Mint(fake, directory);
    case v1::World::FOREIGN_CA:
      return MintWithForeign("/ca.pem", fake, directory);
    case v1::World::EXPIRED:
      return Mint(fake, directory, {"--mint-ends-in-secs", "-60"});
    case v1::World::KEY_MISMATCH:
      return MintWithForeign("/key.pem", fake, directory);
    case v1::World::KEY_READABLE:
      return MintWithReadableKey(fake, directory);
    case v1::World::ED25519:
      return Mint(fake, directory, {"--mint-ed25519"});
    case v1::World::GARBAGE:
      return Garbage(directory);
    case v1::World::UNWRITABLE:
      return WriteFile(directory, "", 0600);
    default:
      return {};
  }
}

Outcome PlaceBinary(v1::World::Binary place, const std::string& fake, const std::string& root,
                    EnvironmentMap* environment, Placeholders* placeholders) {
  const std::string variable = root + "/bin/zlayer-buildd";
  const std::string on_path = root + "/path2/zlayer-buildd";
  const std::string in_data = root + "/data/bin/zlayer-buildd";
  const auto found_at = [&](const std::string& path) { placeholders->Set("binary", path); };
  const auto name_in_variable = [&](std::string_view placeholder) {
    (*environment)["ZLAYER_BUILDD_BIN"] = variable;
    placeholders->Set(placeholder, variable);
  };
  switch (place) {
    case v1::World::DATA_DIR:
      found_at(in_data);
      return Link(fake, in_data);
    case v1::World::PATH:
      found_at(on_path);
      return Link(fake, on_path);
    case v1::World::NOWHERE:
      return {};
    case v1::World::VARIABLE_UNUSABLE:
      name_in_variable("unusable");
      found_at(on_path);
      if (auto linked = Link(fake, on_path); !linked) return linked;
      return WriteFile(variable, "#!/bin/sh\n", 0600);
    case v1::World::ONLY_UNUSABLE:
      name_in_variable("unusable");
      return WriteFile(variable, "#!/bin/sh\n", 0600);
    case v1::World::WRONG_FORMAT:
      name_in_variable("binary");
      return WriteFile(variable,
                       "\x7f"
                       "ELF, but no more of it\n",
                       0700);
    case v1::World::MISSING_INTERPRETER:
      name_in_variable("binary");
      return WriteFile(variable, "#!/nonexistent/interpreter\n", 0700);
    case v1::World::A_DIRECTORY: {
      name_in_variable("unusable");
      std::error_code ignored;
      fs::create_directories(variable, ignored);
      return {};
    }
    case v1::World::WRAPPER:
    case v1::World::BEING_WRITTEN:
      name_in_variable("binary");
      return WriteFile(variable, WrapperScript(fake), 0700);
    default:
      name_in_variable("binary");
      return Link(fake, variable);
  }
}

}  // namespace zlayer::scenarios
