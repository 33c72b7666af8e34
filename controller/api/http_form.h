// SPDX-License-Identifier: Apache-2.0
// Questions and answers of the API as HTTP messages.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>

#include "controller/api/exchange.h"

namespace curfew {

using BeastRequest = boost::beast::http::request<boost::beast::http::string_body>;
using BeastReply = boost::beast::http::response<boost::beast::http::string_body>;

/// The question in a form without HTTP; nullopt when its target is no URL of ours.
[[nodiscard]] std::optional<ApiRequest> FromHttp(const BeastRequest& from, const std::string& peer);
[[nodiscard]] BeastReply ToHttp(const ApiReply& from, const BeastRequest& question);

}  // namespace curfew
