// SPDX-License-Identifier: Apache-2.0
// The one precompiled header: standard library only, so that it never hides a missing include of ours or of a library.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>
