// SPDX-License-Identifier: Apache-2.0
// What is kept between two calls, in CURFEW_HOME: the controller's URL and CA, who is logged in, and the token.
// MUST: the directory is 0700 and the token 0600, whatever the umask; a token is never shown.
#pragma once

#include <string>

#include "cli/halt.h"

namespace curfew {

/// Where things are, from the environment; read once, in main.
struct Places {
  std::string home;        ///< CURFEW_HOME, else ~/.config/curfew
  std::string url;         ///< CURFEW_URL; empty = not set
  std::string token_file;  ///< CURFEW_TOKEN_FILE; empty = HOME/token
};

class Home {
 public:
  explicit Home(Places places) : places_(std::move(places)) {}

  /// CURFEW_URL, else the URL of the last login; kLogInFirst when there is neither.
  [[nodiscard]] Answer<std::string> Url() const;
  /// The kept CA file's path; empty when none was kept.
  [[nodiscard]] std::string CaFile() const;
  /// kLogInFirst when there is none.
  [[nodiscard]] Answer<std::string> Token() const;

  [[nodiscard]] Answer<void> KeepUrl(const std::string& url) const;
  [[nodiscard]] Answer<void> KeepCa(const std::string& pem) const;
  [[nodiscard]] Answer<void> KeepToken(const std::string& token) const;

 private:
  [[nodiscard]] Answer<void> Keep(const std::string& name, const std::string& text) const;
  [[nodiscard]] std::string TokenPath() const;
  Places places_;
};

/// "https://host[:port]" without a trailing slash; kUsage for anything else, http included.
[[nodiscard]] Answer<std::string> ParseUrl(const std::string& text);

/// At most `most` bytes of a file ("-" = standard input); refused when there are more.
[[nodiscard]] Answer<std::string> ReadBounded(const std::string& file, std::size_t most);

}  // namespace curfew
