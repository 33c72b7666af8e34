// SPDX-License-Identifier: Apache-2.0
// The controller's API (api/openapi.yaml), a function for each call; its refusals become exit codes here and nowhere
// else.
#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <optional>
#include <string>

#include "cli/home.h"
#include "cli/https.h"
#include "cli/halt.h"

namespace curfew {

class ControllerApi {
 public:
  /// Gets a listing a page at a time, so that none is ever held whole; what it refuses ends the listing.
  using PageTaker = std::function<Answer<void>(const boost::json::array&)>;

  /// As the person of the last login.
  [[nodiscard]] static Answer<ControllerApi> Open(const Home& home);
  /// As nobody yet: only LogIn works.
  [[nodiscard]] static Answer<ControllerApi> OpenAnonymously(ApiAddress address);

  [[nodiscard]] Answer<boost::json::value> LogIn(const std::string& user, const std::string& password);
  [[nodiscard]] Answer<boost::json::value> Me();
  /// Tells the controller that a notice of Me() was read.
  [[nodiscard]] Answer<boost::json::value> RemoveNotice(const std::string& id);
  [[nodiscard]] Answer<void> Keys(const PageTaker& take);
  [[nodiscard]] Answer<boost::json::value> AddKey(const std::string& line);
  [[nodiscard]] Answer<boost::json::value> RemoveKey(const std::string& id, bool end_grants);
  [[nodiscard]] Answer<boost::json::value> Ask(const boost::json::object& request);
  [[nodiscard]] Answer<boost::json::value> Request(const std::string& id);
  /// Waits at the controller until the request is no longer at `revision`, `longest` at most.
  [[nodiscard]] Answer<boost::json::value> RequestAfter(const std::string& id, std::int64_t revision, Seconds longest);
  /// `act`: approve, deny, withdraw, return, revoke, extend.
  [[nodiscard]] Answer<boost::json::value> Act(const std::string& id, const std::string& act,
                                               const boost::json::object& body);
  /// `view`: all, mine, to-review, live, unconfirmed.
  [[nodiscard]] Answer<void> Requests(const std::string& view, const PageTaker& take);
  [[nodiscard]] Answer<void> Hosts(const PageTaker& take);
  /// Oldest first; `severity` empty = all.
  [[nodiscard]] Answer<void> Events(const std::string& severity, const PageTaker& take);

  [[nodiscard]] Https& Line() { return https_; }

 private:
  ControllerApi(Https https, std::string token) : https_(std::move(https)), token_(std::move(token)) {}
  [[nodiscard]] Answer<boost::json::value> Get(const std::string& path, Millis patience = Millis{30000});
  /// Carries an idempotency key, so that one lost answer is asked for again.
  [[nodiscard]] Answer<boost::json::value> Post(const std::string& path, const boost::json::object& body);
  [[nodiscard]] Answer<boost::json::value> Send(const HttpRequest& request);
  [[nodiscard]] Answer<void> EachPage(const std::string& path, const PageTaker& take);

  Https https_;
  std::string token_;
};

/// An answer as JSON, or the refusal that its problem document and status mean; exit codes as in openapi.yaml.
[[nodiscard]] Answer<boost::json::value> ReadReply(const HttpReply& reply);

}  // namespace curfew
