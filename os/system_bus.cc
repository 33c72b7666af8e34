// SPDX-License-Identifier: Apache-2.0
// sd-bus(3) over the system bus, a connection for each call: calls are rare and the bus may restart.
#include "os/system_bus.h"

#include <systemd/sd-bus.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "os/system_error.h"

namespace curfew {
namespace {

constexpr std::uint64_t kLimitMicros = 2000000;
constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kSystemdPath = "/org/freedesktop/systemd1";
constexpr const char* kSystemdInterface = "org.freedesktop.systemd1.Manager";  // the bus's own name for it
constexpr const char* kLogind = "org.freedesktop.login1";

struct CloseBus {
  void operator()(sd_bus* bus) const { ::sd_bus_flush_close_unref(bus); }
};
using Bus = std::unique_ptr<sd_bus, CloseBus>;

// sd_bus_error wants freeing whether it was set or not.
class BusError {
 public:
  BusError() = default;
  BusError(const BusError&) = delete;
  BusError& operator=(const BusError&) = delete;
  ~BusError() { ::sd_bus_error_free(&error_); }
  [[nodiscard]] sd_bus_error* Get() { return &error_; }
  [[nodiscard]] bool Is(const char* name) const { return ::sd_bus_error_has_name(&error_, name) > 0; }
  [[nodiscard]] std::string Text() const { return error_.message == nullptr ? "" : std::string(" (") + error_.message + ")"; }

 private:
  sd_bus_error error_{nullptr, nullptr, 0};
};

Result<Bus> OpenBus() {
  sd_bus* raw = nullptr;
  if (const int result = ::sd_bus_open_system(&raw); result < 0) {
    return SystemFailure(-result, "cannot reach the system bus", "/run/dbus/system_bus_socket");
  }
  Bus bus(raw);
  ::sd_bus_set_method_call_timeout(bus.get(), kLimitMicros);
  return bus;
}

}  // namespace

Result<void> TerminateSession(const std::string& session) {
  auto bus = OpenBus();
  if (!bus) return Failure(bus.error());
  BusError error;
  const int result = ::sd_bus_call_method(bus->get(), kLogind, "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
                                          "TerminateSession", error.Get(), nullptr, "s", session.c_str());
  if (result < 0 && !error.Is("org.freedesktop.login1.NoSuchSession")) {
    return SystemFailure(-result, "logind did not end the session" + error.Text(), session);
  }
  return {};
}

Result<bool> IsUnitActive(const std::string& unit) {
  auto bus = OpenBus();
  if (!bus) return Failure(bus.error());
  BusError error;
  sd_bus_message* raw = nullptr;
  int result = ::sd_bus_call_method(bus->get(), kSystemd, kSystemdPath, kSystemdInterface, "GetUnit", error.Get(), &raw, "s",
                                    unit.c_str());
  const std::unique_ptr<sd_bus_message, decltype(&sd_bus_message_unref)> reply(raw, &sd_bus_message_unref);
  if (result < 0 && error.Is("org.freedesktop.systemd1.NoSuchUnit")) return false;
  const char* path = nullptr;
  if (result >= 0) result = ::sd_bus_message_read(reply.get(), "o", &path);
  char* state = nullptr;
  if (result >= 0) {
    result = ::sd_bus_get_property_string(bus->get(), kSystemd, path, "org.freedesktop.systemd1.Unit", "ActiveState",
                                          error.Get(), &state);
  }
  if (result < 0) return SystemFailure(-result, "systemd does not say whether the unit is active" + error.Text(), unit);
  const bool active = std::string(state) == "active" || std::string(state) == "reloading";
  std::free(state);  // NOLINT: allocated by libsystemd
  return active;
}

Result<void> ReloadUnit(const std::string& unit) {
  auto bus = OpenBus();
  if (!bus) return Failure(bus.error());
  BusError error;
  const int result = ::sd_bus_call_method(bus->get(), kSystemd, kSystemdPath, kSystemdInterface, "ReloadUnit", error.Get(),
                                          nullptr, "ss", unit.c_str(), "replace");
  if (result < 0) return SystemFailure(-result, "systemd did not reload the unit" + error.Text(), unit);
  return {};
}

}  // namespace curfew
