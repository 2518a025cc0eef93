// A journal that is held to its promise.

#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "proto/message_file.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes {

/// Every line is one entry, the last one too.
inline std::vector<v1::JournalEntry> WholeLines(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_TRUE(text.str().empty() || text.str().ends_with('\n')) << text.str();
  std::vector<v1::JournalEntry> entries;
  for (std::string line; std::getline(text, line);) {
    const auto entry = ParseMessage<v1::JournalEntry>("journal", line);
    EXPECT_TRUE(entry) << entry.error();
    if (entry) entries.push_back(*entry);
  }
  return entries;
}

}  // namespace zlayer::fakes
