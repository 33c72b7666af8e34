// SPDX-License-Identifier: Apache-2.0
// Records as the JSON of INTERFACES: times in RFC 3339 with milliseconds, durations in seconds, absent values null.
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "controller/store/records.h"

namespace curfew {

[[nodiscard]] boost::json::object RequestForm(const RequestRecord& request, const std::vector<GrantRecord>& grants);
[[nodiscard]] boost::json::object HostForm(const HostRecord& host, const std::vector<DriftRecord>& drift, bool online);
[[nodiscard]] boost::json::object EventForm(const EventRecord& event);
[[nodiscard]] boost::json::object KeyForm(const KeyRecord& key);
[[nodiscard]] boost::json::object NoticeForm(const NoticeRecord& notice);
[[nodiscard]] boost::json::value WhatForm(bool login, const std::optional<SudoRight>& sudo);

}  // namespace curfew
